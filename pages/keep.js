// Keeps what a person typed into fields marked data-keep while its tab is open, and puts it back when the page was loaded anew:
// after a lost connection that lasted too long, or a restart of the server. It is theirs alone: gone once they sign out, or
// somebody else is here, or it has been used. Nothing secret is marked; tests hold that.
(() => {
  const KIND = 'typed:'
  const whose = () => document.querySelector('.content[data-typed-by]')?.dataset.typedBy
  const place = () => `${KIND}${whose()}:${location.pathname}`
  const kept = () => JSON.parse(sessionStorage.getItem(place()) || '{}')
  const keep = typed => sessionStorage.setItem(place(), JSON.stringify(typed))
  let toPutBack = {} // by the field's id, until it is there: one in a dialog comes later

  const drop = goes => Object.keys(sessionStorage).filter(key => key.startsWith(KIND) && goes(key))
    .forEach(key => sessionStorage.removeItem(key))

  document.addEventListener('input', ({target: field}) => {
    if (!field.matches?.('[data-keep]') || !field.id || !whose()) return
    delete toPutBack[field.id]
    keep({...kept(), [field.id]: field.value})
  }, true)

  document.addEventListener('submit', event => {
    if (new URL(event.target.action, location).pathname !== '/auth/sign-out') return
    drop(() => true)
    window.socket?.off('open') // whose answer leads on from here: no page that is closed meanwhile leads back to itself
  }, true)

  window.forgetTyped = () => { // it was used, or let be
    toPutBack = {}
    sessionStorage.removeItem(place())
  }

  const put = (field, value) => {
    if (field.value || !value) return
    const kind = field instanceof HTMLTextAreaElement ? HTMLTextAreaElement : HTMLInputElement
    Object.getOwnPropertyDescriptor(kind.prototype, 'value').set.call(field, value) // past what the framework keeps of it,
    field.dispatchEvent(new Event('input', {bubbles: true})) // so that it takes the event for a person's
  }

  const putBack = () => {
    for (const [id, value] of Object.entries(toPutBack)) {
      const field = document.getElementById(id)
      if (!field?.matches('[data-keep]')) continue
      delete toPutBack[id]
      put(field, value)
    }
  }

  const begin = () => {
    if (window.did_handshake !== true) return setTimeout(begin, 50) // nobody hears of it before
    if (!whose()) return // nobody is signed in: whoever was may come back
    drop(key => !key.startsWith(`${KIND}${whose()}:`))
    toPutBack = kept()
    putBack()
    if (Object.keys(toPutBack).length) new MutationObserver(putBack).observe(document.body, {subtree: true, childList: true})
  }
  begin()
})()
