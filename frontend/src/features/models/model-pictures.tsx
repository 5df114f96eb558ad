import { useQuery } from "@tanstack/react-query";
import classes from "./models.module.css";
import { lastPicturesQuery, pictureAddress } from "./queries";

/** The page draws these itself, from the numbers. */
const DRAWN = /^(confusion|reliability)-/;

/** What the model answered on validation images when it was last looked at, before any number. */
export function ModelPictures({ job }: { job: string }) {
  const pictures = (useQuery(lastPicturesQuery(job)).data ?? []).filter((picture) => !DRAWN.test(picture.name));
  if (pictures.length === 0) return null;
  return (
    <section aria-labelledby="pictures">
      <h2 className={classes.title} id="pictures">
        On validation images
      </h2>
      {pictures.map((picture) => (
        <figure key={picture.name} className={classes.picture}>
          <a href={pictureAddress(job, picture.name)} target="_blank" rel="noreferrer">
            <img src={pictureAddress(job, picture.name)} alt={picture.caption || picture.name} loading="lazy" />
          </a>
          <figcaption>{picture.caption}</figcaption>
        </figure>
      ))}
    </section>
  );
}
