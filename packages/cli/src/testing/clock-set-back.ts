// Loaded before the program (`node --import`): a second after it began somebody sets the clock back by a year.
const YEAR_MS = 365 * 24 * 3600 * 1000;
const { now } = Date;
setTimeout(() => {
  Date.now = () => now() - YEAR_MS;
}, 1000).unref();
