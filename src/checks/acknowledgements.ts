/**
 * Which findings somebody has acknowledged, and why.
 *
 * An acknowledgement counts for the construct it is made on and everything beneath it, whatever version of the framework recorded it.
 */
import type { IConstruct } from 'constructs';
import { PLUGIN_NAME } from '../analysis/check';

/** An acknowledgement as constructs and cloud assemblies record it. */
export interface RecordedAcknowledgement {
  /** The id it was made with: `EcsNetworkModes::eni-density`. Those of others are among them. */
  readonly id: string;
  readonly reason: string;
  /** The path of the construct it was made on; empty for the app. */
  readonly path: string;
}

/** The key of a construct's metadata under which `Validations.acknowledge` records ids and reasons. */
export const ACKNOWLEDGED_RULES = 'aws:cdk:acknowledged-rules';

const PREFIX = `${PLUGIN_NAME}::`;

/** Those of one app, by what they are asked for. */
export class Acknowledgements {
  /** Reasons by rule, then by path. */
  private readonly reasons = new Map<string, Map<string, string>>();

  constructor(recorded: Iterable<RecordedAcknowledgement>) {
    for (const { id, reason, path } of recorded) {
      if (id.startsWith(PREFIX)) {
        const rule = id.slice(PREFIX.length);
        const byPath = this.reasons.get(rule) ?? new Map<string, string>();
        byPath.set(path, reason);
        this.reasons.set(rule, byPath);
      }
    }
  }

  /** Why a finding is acknowledged: what was said nearest to its construct. `undefined` if it is not, or its construct is not known. */
  public reasonFor({ rule, path }: { readonly rule: string; readonly path?: string }): string | undefined {
    const byPath = this.reasons.get(rule);
    if (!byPath || path === undefined) {
      return undefined;
    }
    for (let scope = path; scope !== ''; scope = scope.slice(0, Math.max(0, scope.lastIndexOf('/')))) {
      if (byPath.has(scope)) {
        return byPath.get(scope);
      }
    }
    return byPath.get('');
  }

  /** Those of no rule there is: misspelt, or of another version. Each once, with the paths it was made on. */
  public unknown(rules: ReadonlyArray<{ readonly id: string }>): ReadonlyArray<{ readonly id: string; readonly paths: readonly string[] }> {
    const known = new Set(rules.map(({ id }) => id));
    return [...this.reasons]
      .filter(([rule]) => !known.has(rule))
      .map(([rule, byPath]) => ({ id: `${PREFIX}${rule}`, paths: [...byPath.keys()] }));
  }
}

/** What the metadata of a construct records; nothing, whatever else it may be. */
export function recordedIn(type: unknown, data: unknown, path: string): RecordedAcknowledgement[] {
  return type === ACKNOWLEDGED_RULES && typeof data === 'object' && data !== null
    ? Object.entries(data).map(([id, reason]) => ({ id, reason: typeof reason === 'string' ? reason : '', path }))
    : [];
}

/** What is recorded on a construct. */
export function recordedOn({ node }: IConstruct): RecordedAcknowledgement[] {
  // Most have no metadata that is one, and paths are put together each time.
  return node.metadata.flatMap(({ type, data }) => (type === ACKNOWLEDGED_RULES ? recordedIn(type, data, node.path) : []));
}
