import { Token, Tokenization } from 'aws-cdk-lib';
import { shown } from '../invalid';
import { isPort, MAX_PORT, MIN_PORT } from '../limits/ports';

/**
 * A range of ports on a container instance or in a container, both ends included.
 */
export class PortRange {
  /**
   * @param first the lowest port of the range
   * @param last the highest port of the range; must be above `first`
   * @throws if an end is not a port, or `first` is not below `last`
   */
  public static of(first: number, last: number): PortRange {
    return new PortRange(first, last);
  }

  private constructor(
    /** The lowest port of the range. */
    public readonly first: number,
    /** The highest port of the range. */
    public readonly last: number,
  ) {
    for (const [name, value] of [['first', first], ['last', last]] as const) {
      if (!Token.isUnresolved(value) && !isPort(value)) {
        throw new Error(`'${name}' of a port range must be an integer from ${MIN_PORT} to ${MAX_PORT}, got ${shown(value)}`);
      }
    }
    if (!Token.isUnresolved(first) && !Token.isUnresolved(last) && first >= last) {
      throw new Error(`'first' of a port range must be below 'last', got ${first} and ${last}`);
    }
  }

  /** The range as the ECS agent and container definitions write it, such as `40000-40999`. */
  public toString(): string {
    return `${Tokenization.stringifyNumber(this.first)}-${Tokenization.stringifyNumber(this.last)}`;
  }
}
