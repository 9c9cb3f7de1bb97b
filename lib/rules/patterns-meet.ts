/** Whether some text matches both patterns, in which `*` stands for any characters. */
export function patternsMeet(a: string, b: string): boolean {
  const [left, right] = [beforeStar(a), beforeStar(b)];
  if (!left.startsWith(right) && !right.startsWith(left)) return false;
  // reachable[j]: what is done of `a` and the first j characters of `b` can have matched one text; absent is no.
  let reachable: readonly boolean[] = closure(b, [true]);
  for (const character of a) {
    const next: boolean[] = [];
    for (let j = 0; j <= b.length; j++) {
      if (!reachable[j]) continue;
      if (character === '*') {
        for (let k = j; k <= b.length; k++) next[k] = true;
        break;
      }
      if (b[j] === '*') next[j] = true;
      else if (b[j] === character) next[j + 1] = true;
    }
    reachable = closure(b, next);
  }
  return reachable[b.length] === true;
}

function beforeStar(pattern: string): string {
  const star = pattern.indexOf('*');
  return star < 0 ? pattern : pattern.slice(0, star);
}

// A star of `b` may stand for nothing.
function closure(b: string, reachable: boolean[]): boolean[] {
  for (let j = 0; j < b.length; j++) if (reachable[j] && b[j] === '*') reachable[j + 1] = true;
  return reachable;
}
