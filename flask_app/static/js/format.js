// A run's figures in words, the same words as flask_app/utils/figures.py and utils/sizes.py say.
(() => {
  const UNITS = ["bytes", "kB", "MB", "GB", "TB", "PB"];
  const group = (number) => number.toLocaleString("en", { maximumFractionDigits: 0 });

  // Python rounds exact halves to the even neighbour, toFixed away from zero.
  const fixed = (value, digits) => {
    const scaled = value * 10 ** digits;
    const isTie = scaled % 1 === 0.5 && (!digits || (value * 4) % 1 === 0);
    return (isTie && scaled % 2 < 1 ? value - 0.01 : value).toFixed(digits);
  };
  const rounded = (value) => Number(fixed(value, 0));

  const parts = (amount) => {
    let unit = 0;
    for (; amount >= 999.5 && unit < 5; unit += 1) amount /= 1000;
    if (!unit) return [group(amount), amount === 1 ? "byte" : "bytes"];
    return [fixed(amount, amount >= 100 ? 0 : 1), UNITS[unit]];
  };
  const size = (amount) => parts(amount).join(" ");

  const duration = (seconds) => {
    const whole = Math.max(0, rounded(seconds));
    const minutes = rounded(whole / 60);
    const hours = Math.floor(minutes / 60);
    const days = rounded(hours / 24);
    if (whole < 60) return `${whole} s`;
    if (minutes < 60) return `${minutes} min`;
    if (hours >= 24) return days === 1 ? "1 day" : `${days} days`;
    return minutes % 60 ? `${hours} h ${minutes % 60} min` : `${hours} h`;
  };

  window.Format = {
    ago: (seconds) => (seconds < 10 ? "just now" : `${duration(seconds)} ago`),
    percent: ({ percent }) => (percent === null ? "" : `${Math.trunc(percent)}`),
    eta: ({ eta_seconds: eta }) => {
      if (eta === null) return "";
      return eta < 5 ? "a few seconds left" : `about ${duration(eta)} left`;
    },
    bytes: ({ bytes_transferred: bytes, total_bytes: all, files_total: files, percent }) => {
      if (all === null) return `${size(bytes)} so far`;
      const [done, unit] = parts(bytes);
      const [total, totalUnit] = parts(all);
      const about = files === null && percent !== 100 ? "about " : "";
      return `${done}${unit === totalUnit ? "" : ` ${unit}`} of ${about}${total} ${totalUnit}`;
    },
    speed: ({ speed_bytes: speed }) => (speed > 0 ? `${size(speed)}/s` : ""),
    files: ({ files_done: done }) => group(done),
    files_of: ({ files_total: all }) => (all === null ? "" : `of ${group(all)}`),
  };
})();
