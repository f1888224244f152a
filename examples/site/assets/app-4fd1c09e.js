// The page decides by its address what it shows; the server sends it for all of them.
const { name } = await (await fetch('/api/name')).json()
document.querySelector('h1').textContent = `${location.pathname} of ${name}`
