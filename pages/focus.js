// Keeps the focus of whoever uses the keyboard: in a dialog while it is open, and on the page when what had it is gone. A browser
// gives it to nothing then, and the next Tab begins at the top. Whoever leaves the page by Tab, or clicks beside, is let go.
(() => {
  const PORTAL = '[id^=q-portal]' // a dialog or a menu stands beside the page, in one of these
  const REACHED = 'a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex]:not([tabindex^="-"])'
  const isThere = one => one.isConnected && !one.disabled && one.checkVisibility({visibilityProperty: true})
  const around = one => one && one !== document.body ? [one, ...around(one.parentElement)] : []
  let last = [] // what had the focus, and what it stood in, from the inside out
  let opener = [] // the same of what had it before a dialog was opened

  document.addEventListener('focusin', ({target}) => {
    const wasOutside = last.length && !last.some(one => one.matches(PORTAL))
    if (wasOutside && target.closest(PORTAL)) opener = last
    last = around(target)
  })
  document.addEventListener('pointerdown', () => { last = [] }, true)

  const keep = () => {
    const now = document.activeElement
    if (now && now !== document.body && isThere(now)) return
    if (!last.length || isThere(last[0])) return
    const inOpener = !last.some(isThere)
    const [gone] = inOpener ? opener : last
    const kept = (inOpener ? opener : last).find(isThere)
    if (!kept) return
    const anew = gone.href && [...kept.querySelectorAll('a[href]')]
      .find(one => one.href === gone.href && one.textContent === gone.textContent && isThere(one))
    const to = anew || kept
    if (!to.matches(REACHED)) to.tabIndex = -1
    to.focus({preventScroll: !anew}) // what one was on stays in sight; what is only near it moves nothing
  }
  let isAwaited = false
  const keepSoon = () => {
    if (isAwaited) return
    isAwaited = true
    // Not before what changes together has changed, and a dialog that closes has given the focus back by itself.
    requestAnimationFrame(() => setTimeout(() => { isAwaited = false; keep() }))
  }
  const watched = {subtree: true, childList: true, attributeFilter: ['class', 'style', 'disabled']}
  new MutationObserver(keepSoon).observe(document.body, watched)

  document.addEventListener('keydown', event => {
    const dialog = event.key === 'Tab' && event.target.closest?.('[role=dialog]')
    if (!dialog) return
    const all = [...dialog.querySelectorAll(REACHED)].filter(isThere)
    const [first, end] = event.shiftKey ? [all.at(-1), all[0]] : [all[0], all.at(-1)]
    if (!first || (event.target !== end && all.includes(event.target))) return
    event.preventDefault()
    first.focus()
  })
})()
