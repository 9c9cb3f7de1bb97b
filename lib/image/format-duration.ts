/** `24 min`, `3 h`, `2 d`: the largest unit that is not below one, rounded down; never `0 min` for something left. */
export function duration(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  if (seconds < 60) return `${Math.max(1, seconds)} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 86_400) return hoursAndMinutes(seconds);
  return `${Math.floor(seconds / 86_400)} d`;
}

function hoursAndMinutes(seconds: number): string {
  const minutes = Math.floor((seconds % 3600) / 60);
  return `${Math.floor(seconds / 3600)} h${minutes > 0 ? ` ${minutes} min` : ''}`;
}
