// The page for when the server cannot be reached: asks again every few seconds and goes back once it answers.
(() => {
  const EVERY = 5;
  const place = document.getElementById("next-try");
  let left = EVERY;
  const ask = async () => {
    try {
      if ((await fetch("/healthz", { cache: "no-store" })).ok) return location.reload();
    } catch {
      // still away
    }
    left = EVERY;
    setTimeout(count, 1000);
  };
  const count = () => {
    left -= 1;
    place.textContent = left > 0 ? `Next try in ${left} s.` : "Trying now.";
    if (left > 0) setTimeout(count, 1000);
    else ask();
  };
  document.getElementById("since").textContent = new Date().toLocaleTimeString("en-GB", { timeStyle: "short" });
  count();
})();
