// A run's figures in words, the same words as flask_app/utils/figures.py and utils/sizes.py say.
(() => {
  const UNITS = ["bytes", "kB", "MB", "GB", "TB", "PB"];
  const group = (number) => String(Math.trunc(number)).replace(/\B(?=(\d{3})+$)/g, ",");

  // Python rounds exact halves to the even neighbour, toFixed away from zero.
  const fixed = (value, digits) => {
    const scaled = value * 10 ** digits;
    const isTie = scaled % 1 === 0.5 && (digits === 0 || (value * 4) % 1 === 0);
    return isTie && Math.floor(scaled) % 2 === 0 ? (Math.floor(scaled) / 10 ** digits).toFixed(digits) : value.toFixed(digits);
  };

  const sizeParts = (amount) => {
    let value = Number(amount);
    let unit = 0;
    while (value >= 999.95 && unit < UNITS.length - 1) {
      value /= 1000;
      unit += 1;
    }
    if (unit === 0) return [group(value), Math.trunc(value) === 1 ? "byte" : "bytes"];
    return [fixed(value, value >= 100 ? 0 : 1), UNITS[unit]];
  };
  const size = (amount) => sizeParts(amount).join(" ");

  const duration = (seconds) => {
    const whole = Math.max(0, Number(fixed(seconds, 0)));
    if (whole < 60) return `${whole} s`;
    const minutes = Number(fixed(whole / 60, 0));
    if (minutes < 60) return `${minutes} min`;
    const hours = Math.floor(minutes / 60);
    if (hours < 24) return minutes % 60 ? `${hours} h ${minutes % 60} min` : `${hours} h`;
    const days = Number(fixed(hours / 24, 0));
    return days === 1 ? "1 day" : `${days} days`;
  };

  const isKnown = (value) => value !== null && value !== undefined;
  window.Format = {
    size,
    duration,
    ago: (seconds) => (seconds < 10 ? "just now" : `${duration(seconds)} ago`),
    percent: (update) => (isKnown(update.percent) ? String(Math.trunc(update.percent)) : ""),
    eta: (update) => {
      if (!isKnown(update.eta_seconds)) return "";
      return update.eta_seconds < 5 ? "a few seconds left" : `about ${duration(update.eta_seconds)} left`;
    },
    bytes: (update) => {
      if (!isKnown(update.total_bytes)) return `${size(update.bytes_transferred)} so far`;
      const [done, unit] = sizeParts(update.bytes_transferred);
      const [total, totalUnit] = sizeParts(update.total_bytes);
      return unit === totalUnit ? `${done} of ${total} ${unit}` : `${done} ${unit} of ${total} ${totalUnit}`;
    },
    speed: (update) => (update.speed_bytes > 0 ? `${size(update.speed_bytes)}/s` : ""),
    files: (update) => {
      const done = group(update.files_done || 0);
      if (!isKnown(update.files_total)) return `${done} ${update.files_done === 1 ? "file" : "files"}`;
      return `${done} of ${group(update.files_total)} ${update.files_total === 1 ? "file" : "files"}`;
    },
  };
})();
