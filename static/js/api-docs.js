const place = document.getElementById("api-docs");

SwaggerUIBundle({
  domNode: place,
  url: place.dataset.schema,
  deepLinking: true,
  tryItOutEnabled: true,
  defaultModelsExpandDepth: -1,
  docExpansion: "full",
});
