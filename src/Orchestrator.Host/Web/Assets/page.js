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

  // With the document's base the link to the content would lead to another page.
  document.addEventListener("click", event => {
    if (event.target instanceof Element && event.target.closest(".page-skip")) {
      event.preventDefault();
      document.getElementById("content")?.focus();
    }
  }, { capture: true });

  // The server knows this page no more, for example after a restart: it begins anew at the same address. Where nobody is signed in
  // any more the connection is refused, and tried again for ever: the address then leads to the form for signing in.
  let asking = false;
  const reloadIfSignedOut = async () => {
    if (asking) { return; }
    asking = true;
    try {
      const answer = await fetch("/_blazor/negotiate?negotiateVersion=1", { method: "POST" });
      if (answer.status === 401) { location.reload(); }
    } catch { /* Nobody answers yet. */ } finally { asking = false; }
  };
  document.getElementById("components-reconnect-modal")?.addEventListener("components-reconnect-state-changed", event => {
    if (event.detail.state === "rejected") {
      location.reload();
    } else if (event.detail.state !== "hide") {
      reloadIfSignedOut();
    }
  });
})();
