import { Link } from "@tanstack/react-router";
import { addresses } from "@/lib/addresses";
import { Panel } from "@/ui/panel";
import { Truncated } from "@/ui/truncated";
import classes from "./agreement.module.css";
import { compareAddress } from "./compare-address";
import type { ImageAgreement } from "./queries";

const MOST = 12;
const MARKS = [
  { mark: "#8b98a5", word: "in both" },
  { mark: "#f0804a", word: "in the first alone" },
  { mark: "#2fc4b4", word: "in the second alone" },
];

/** The images on which the two agree least, with the pixels that only one of them drew. */
export function Pictures({ project, images }: { project: string; images: readonly ImageAgreement[] }) {
  return (
    <Panel title="Where they differ most">
      <div className={classes.legend}>
        {MARKS.map(({ mark, word }) => (
          <span key={word}>
            <i style={{ "--mark": mark }} aria-hidden />
            {word}
          </span>
        ))}
      </div>
      <div className={classes.pictures}>
        {images.slice(0, MOST).map((one) => (
          <Picture key={one.rating.id} project={project} one={one} />
        ))}
      </div>
    </Panel>
  );
}

function Picture({ project, one: { rating, measures } }: { project: string; one: ImageAgreement }) {
  const f1 = measures["f1_50"];
  const isStill = rating.image.size_t === 1 && rating.image.size_z === 1;
  return (
    <Link to={compareAddress(project, rating) ?? addresses.agreement(project)} className={classes.picture}>
      <span className={classes.image}>
        {isStill && <img src={`/api/v1/images/${rating.image.id}/thumbnail/`} alt="" loading="lazy" />}
        <img src={`/api/v1/tasks/${rating.id}/difference-picture/`} alt={`Where the two ratings of ${rating.image.name} differ`} loading="lazy" />
      </span>
      <span className={classes.words}>
        <Truncated>{rating.image.name}</Truncated>
        <span className="num">{f1 === undefined ? "" : `F1 ${f1.toFixed(2)}`}</span>
      </span>
    </Link>
  );
}
