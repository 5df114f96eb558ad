import { UnstyledButton } from "@mantine/core";
import { cropsAddress } from "./queries";
import classes from "./explore.module.css";

const SIDE_PX = 72;

/** Pictures of cells in a row; one request brings all of them. */
export function CellCrops({ atlas, numbers, label, onPick }: { atlas: string; numbers: readonly number[]; label: string; onPick?: (number: number) => void }) {
  const address = `url("${cropsAddress(atlas, numbers)}")`;
  const style = (place: number) => ({ backgroundImage: address, backgroundPosition: `-${place * SIDE_PX}px 0` });
  return (
    <div className={classes.strip} role="group" aria-label={label}>
      {numbers.map((number, place) =>
        onPick ? (
          <UnstyledButton key={number} className={classes.crop} style={style(place)} aria-label={`Cell ${number + 1} of the map`} onClick={() => onPick(number)} />
        ) : (
          <span key={number} className={classes.crop} style={style(place)} />
        ),
      )}
    </div>
  );
}
