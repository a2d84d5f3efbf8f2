// Starts Swagger UI on the document that the page names. The page's policy admits no script in the page itself.
"use strict";
window.addEventListener("DOMContentLoaded", function () {
  var root = document.getElementById("swagger-ui");
  window.ui = SwaggerUIBundle({
    url: new URL(root.dataset.url, document.baseURI).href,
    domNode: root,
    deepLinking: true,
    tryItOutEnabled: root.dataset.try === "true",
    displayRequestDuration: true,
    docExpansion: "list",
    filter: false,
    persistAuthorization: false,
    validatorUrl: null,
    presets: [SwaggerUIBundle.presets.apis],
    layout: "BaseLayout",
  });
});
