/** Runs work once the present turn of the event loop is over. No timer: virtual time does not hold it back. */
export const atEndOfTurn = (work: () => void): void => {
  if (typeof setImmediate === 'function') setImmediate(work);
  else setTimeout(work, 0);
};
