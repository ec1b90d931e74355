// Puts Swagger UI in the place of the plain list, once it has read the document. Without it the list stays.
const place = document.getElementById('swagger-ui')
const list = document.getElementById('plain-list')
const dark = matchMedia('(prefers-color-scheme: dark)')
const followScheme = () => document.documentElement.classList.toggle('dark-mode', dark.matches)

if (window.SwaggerUIBundle) {
  followScheme()
  dark.addEventListener('change', followScheme)
  window.SwaggerUIBundle({
    url: place.dataset.document,
    domNode: place,
    deepLinking: true,
    docExpansion: 'none',
    defaultModelsExpandDepth: 0,
    defaultModelRendering: 'example',
    filter: true,
    validatorUrl: null,
    onComplete() {
      place.hidden = false
      list.hidden = true
    },
  })
}
