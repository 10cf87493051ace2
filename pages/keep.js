// Keeps what was typed into fields marked data-keep while its tab is open, and puts it back when the page was loaded anew: after a
// lost connection that lasted too long, or a restart of the server. Nothing secret is marked; tests hold that.
(() => {
  const place = () => `typed:${location.pathname}`
  const kept = () => JSON.parse(sessionStorage.getItem(place()) || '{}')

  document.addEventListener('input', event => {
    const field = event.target
    if (!field.matches?.('[data-keep]') || !field.id) return
    sessionStorage.setItem(place(), JSON.stringify({...kept(), [field.id]: field.value}))
  }, true)

  const put = (field, value) => {
    if (!field || field.value || !value) return
    const plain = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value')
    plain.set.call(field, value) // past what the framework keeps of it, so that it takes the event for a person's
    field.dispatchEvent(new Event('input', {bubbles: true}))
  }

  const putBack = () => {
    if (window.did_handshake !== true) return setTimeout(putBack, 50) // nobody hears of it before
    for (const [id, value] of Object.entries(kept())) put(document.getElementById(id), value)
  }
  if (Object.keys(kept()).length) putBack()
})()
