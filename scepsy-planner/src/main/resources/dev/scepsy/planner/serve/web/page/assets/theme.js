// Runs before the first paint, so that a theme chosen by hand does not flash the other one. No module for that reason.
(() => {
  try {
    const chosen = localStorage.getItem('scepsy-theme');
    if (chosen === 'light' || chosen === 'dark') {
      document.documentElement.dataset.theme = chosen;
    }
  } catch {
    // storage is forbidden: the system's theme it is
  }
})();
