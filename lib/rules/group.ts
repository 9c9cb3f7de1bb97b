/**
 * A group is the tags of one build: (rule, repository, captures). What can be asked about one, in one place: which
 * tags are its members (members.ts), which it is written to (targets.ts), and what it is worked on as (key.ts).
 */
export { buildCaptures, buildName, keyCaptures, keyOf } from './key.ts';
export { type Candidate, candidates, type MemberTag, memberOf } from './members.ts';
export { rulesFor } from './rules-for.ts';
export { type Target, type TargetReading, targetOf, targetsOf } from './targets.ts';
