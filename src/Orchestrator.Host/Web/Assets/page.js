// The little that the page does in the browser by itself.
(() => {
  const scheme = "orchestrator-scheme";
  window.orchestrator = {
    scheme: () => {
      try { return localStorage.getItem(scheme) ?? ""; } catch { return ""; }
    },
    setScheme: value => {
      try { localStorage.setItem(scheme, value); } catch { /* Not kept, then. */ }
    },
    zone: () => Intl.DateTimeFormat().resolvedOptions().timeZone ?? "UTC",
  };

  // The server knows this page no more, for example after a restart: it begins anew at the same address.
  document.getElementById("components-reconnect-modal")?.addEventListener("components-reconnect-state-changed", event => {
    if (event.detail.state === "rejected") {
      location.reload();
    }
  });
})();
