import type { Agreement } from "./queries";
import classes from "./agreement.module.css";
import { inOrder, said } from "./words";

/** Each measure as a dot from 0 to 1 with its 95 % interval. */
export function MeasuresPlot({ measures }: { measures: Agreement["measures"] }) {
  return (
    <dl className={classes.measures}>
      {inOrder(measures).map((one) => (
        <div key={one.key} className={classes.measure}>
          <dt>{one.name}</dt>
          <dd>
            <span className={classes.scale} aria-hidden>
              {one.low !== null && one.high !== null && <i className={classes.interval} style={{ "--low": Math.max(0, one.low), "--high": Math.min(1, one.high) }} />}
              <i className={classes.dot} style={{ "--at": Math.min(1, Math.max(0, one.value)) }} />
            </span>
            <span className="num">{said(one)}</span>
          </dd>
        </div>
      ))}
    </dl>
  );
}
