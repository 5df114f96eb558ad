import { ActionIcon, NativeSelect, NumberInput, SegmentedControl, Tooltip, UnstyledButton } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { IconBinaryTree2, IconChevronDown, IconChevronUp, IconFlag, IconSubtask } from "@tabler/icons-react";
import { useCallback, useEffect, useMemo, useState } from "react";
import { addresses } from "@/lib/addresses";
import { ErrorNotice } from "@/ui/error-notice";
import { ButtonLink } from "@/ui/link";
import { useBench, useTaste } from "../bench/bench-context";
import { useBenchDoings, useBenchPage } from "../bench/bench-page";
import { titleOf, useLetters } from "../bench/key-names";
import { useEditor, useEditorState } from "../use-editor";
import { goTo } from "./go-to-cell";
import { TreeLayout, type Layout, type Shown } from "./layout";
import { hearLineageActions, runLineageAction } from "./lineage-actions";
import { LineageCanvas } from "./lineage-canvas";
import classes from "./lineage.module.css";
import { PlacesList } from "./places-list";
import { flagsOf, type Place } from "./places";
import { firstOf, lastOf } from "./spans";
import { useHeightHandle } from "./use-height";
import { usePlaceActs, type PlaceActs } from "./use-place-acts";
import { ASIDE, usePlaces, type Places, type PlacesShown } from "./use-places";
import { useTracks, type Tracks } from "./use-tracks";

const PHONE = "(max-width: 40em)";

/** Below the picture of a movie: a line that opens into the lineage tree with its timeline, alerts and repairs. */
export function LineagePanel() {
  const { image, branch } = useBench();
  const [{ lineage }, setTaste] = useTaste();
  const page = useBenchPage();
  const toggle = useCallback(() => setTaste({ lineage: { ...lineage, open: !lineage.open } }), [lineage, setTaste]);
  useEffect(() => hearLineageActions((action) => action === "lineage.toggle" && toggle()), [toggle]);
  const handle = useHeightHandle(lineage.height_px, (height_px) => setTaste({ lineage: { ...lineage, height_px } }));
  if (image.size_t < 2) return null;
  return (
    <section className={classes.panel} aria-label="Tracks" style={lineage.open ? { height: `min(${lineage.height_px}px, 60dvh)` } : undefined} data-page={page.sheet || undefined}>
      {lineage.open && <div className={classes.handle} role="separator" aria-orientation="horizontal" aria-label="Height of the tracks" aria-valuenow={lineage.height_px} tabIndex={0} {...handle} />}
      {lineage.open ? <Open key={branch.id} onClose={toggle} /> : <Closed onOpen={toggle} />}
    </section>
  );
}

function Closed({ onOpen }: { onOpen: () => void }) {
  return (
    <div className={classes.bar}>
      <Title open={false} onClick={onOpen} />
      <span className={classes.counts}>Lineage tree, timeline, alerts and proposed repairs</span>
    </div>
  );
}

function Title({ open, onClick }: { open: boolean; onClick: () => void }) {
  const letter = useLetters()("lineage.toggle");
  const Icon = open ? IconChevronDown : IconChevronUp;
  return (
    <Tooltip label={`${titleOf("lineage.toggle")}${letter ? ` (${letter})` : ""}`}>
      <UnstyledButton className={classes.title} aria-expanded={open} onClick={onClick}>
        <IconBinaryTree2 size={16} stroke={1.7} aria-hidden />
        Tracks
        <Icon size={14} aria-hidden />
      </UnstyledButton>
    </Tooltip>
  );
}

function Open({ onClose }: { onClose: () => void }) {
  const [{ lineage }, setTaste] = useTaste();
  const tracks = useTracks();
  const [kind, setKind] = useState<string | null>(null);
  const phone = useMediaQuery(PHONE, undefined, { getInitialValueInEffect: false });
  // Where there is room for one of them, the tree comes first.
  const [onPhone, setOnPhone] = useState<PlacesShown>("none");
  const shown = phone ? onPhone : (lineage.list as PlacesShown);
  const places = usePlaces(shown, kind, !tracks.pending);
  const flags = useMemo(() => flagsOf(places.alerts), [places.alerts]);
  const tree = useTree(tracks, flags);
  const { readOnly } = useBench();
  const acts = usePlaceActs();
  const note = readOnly && places.list.length > 0 ? "These labels can only be looked at." : null;
  useStepping(places, acts.repair);
  const choices: { value: PlacesShown; label: string }[] = [
    { value: "repairs", label: named("Repairs", places.counts.repairs) },
    { value: "alerts", label: named("Alerts", places.counts.alerts) },
    // Only where a linker has said how sure it is.
    ...(places.counts.links !== null || shown === "links" ? [{ value: "links" as const, label: named("Links", places.counts.links) }] : []),
    { value: "none", label: "Tree" },
  ];
  const list = (next: PlacesShown) => {
    setKind(null);
    if (phone) setOnPhone(next);
    else setTaste({ lineage: { ...lineage, list: next } });
  };
  return (
    <>
      <div className={classes.bar}>
        <Title open onClick={onClose} />
        <Counts layout={tree.layout} tracks={tracks} />
        <TreeTools tree={tree} tracks={tracks} />
        <div className={classes.end}>
          <SegmentedControl
            size="xs"
            aria-label="List beside the tree"
            data={choices}
            value={shown}
            onChange={list}
          />
        </div>
      </div>
      <div className={classes.body} data-list={shown === "none" ? undefined : shown}>
        <div className={classes.stage}>
          <LineageCanvas layout={tree.layout} flags={flags} onAdopt={tree.adopt} onFold={tree.fold} />
          <Nothing tracks={tracks} layout={tree.layout} />
        </div>
        {shown !== "none" && <PlacesPane shown={shown} places={places} kind={kind} onKind={setKind} actsOf={acts.of} note={note} />}
      </div>
      {acts.dialog}
    </>
  );
}

const named = (word: string, count: number | null): string => (count === null ? word : `${word} ${count}`);

function Counts({ layout, tracks }: { layout: Layout; tracks: Tracks }) {
  if (tracks.pending) return <span className={classes.counts}>Reading the tracks …</span>;
  return (
    <span className={`${classes.counts} ${classes.onlyRoomy}`} role="status">
      {layout.places.size.toLocaleString("en")} tracks, {layout.families.length.toLocaleString("en")} families, {layout.divisions.toLocaleString("en")} divisions
    </span>
  );
}

function Nothing({ tracks, layout }: { tracks: Tracks; layout: Layout }) {
  if (tracks.error) return <div className={classes.nothing}><ErrorNotice error={tracks.error} title="The tracks could not be read" onRetry={tracks.retry} /></div>;
  if (tracks.pending || layout.rows > 0) return null;
  return <div className={classes.nothing}>{tracks.table.size > 0 ? "No family is left by these filters." : "No cell yet. Draw one, or let a model propose: each cell keeps its number through time and gets a line here."}</div>;
}

// ---------------------------------------------------------------- the tree

interface Tree {
  readonly layout: Layout;
  readonly only: boolean;
  readonly setOnly: (only: boolean) => void;
  readonly flagged: boolean;
  readonly setFlagged: (flagged: boolean) => void;
  readonly classId: string | null;
  readonly setClass: (id: string | null) => void;
  readonly fold: (cell: number) => void;
  readonly adopt: (daughter: number, mother: number) => void;
}

const NOBODY: ReadonlySet<number> = new Set();

function useTree({ table, version }: Tracks, flags: ReadonlyMap<number, readonly number[]>): Tree {
  const editor = useEditor();
  const { tell } = useBenchDoings();
  const [only, setOnlyCell] = useState<number | null>(null);
  const [flagged, setFlagged] = useState(false);
  const [classId, setClass] = useState<string | null>(null);
  const [folded, setFolded] = useState(NOBODY);
  const keeper = useMemo(() => new TreeLayout(table), [table]);
  const flaggedBy = flagged ? flags : null;
  const shown = useMemo<Shown>(() => ({ folded, only, wanted: ({ cell, facts }) => (flaggedBy?.has(cell) ?? true) && (classId === null || (facts.class ?? "") === classId) }), [folded, only, flaggedBy, classId]);
  // The table is one object whose version says that it has changed.
  // eslint-disable-next-line react-hooks/exhaustive-deps
  const layout = useMemo(() => keeper.of(shown), [keeper, shown, version]);
  const fold = useCallback((cell: number) => setFolded((now) => toggled(now, cell)), []);
  const adopt = useCallback(
    (daughter: number, mother: number) => {
      const [child, parent] = [table.get(daughter), table.get(mother)];
      if (!child || !parent) return;
      const [begin, end] = [firstOf(child.spans), lastOf(parent.spans)];
      if (firstOf(parent.spans) >= begin) return tell(`Cell ${mother} begins no earlier than cell ${daughter}; it cannot be its mother.`);
      editor.dispatch(end >= begin ? { kind: "track.divide", mother, daughters: [daughter], t: begin } : { kind: "cell.facts", cells: [daughter], facts: { mother } });
      tell(`Cell ${daughter} is a daughter of cell ${mother}.`, true);
    },
    [editor, table, tell],
  );
  const setOnly = useCallback((on: boolean) => setOnlyCell(on ? (editor.state().selected[0] ?? null) : null), [editor]);
  return { layout, only: only !== null, setOnly, flagged, setFlagged, classId, setClass, fold, adopt };
}

function toggled(cells: ReadonlySet<number>, cell: number): ReadonlySet<number> {
  const next = new Set(cells);
  if (!next.delete(cell)) next.add(cell);
  return next;
}

const ANY = "any";

function TreeTools({ tree, tracks }: { tree: Tree; tracks: Tracks }) {
  const { classes: labelClasses } = useBench();
  const some = useEditorState((state) => state.selected.length > 0);
  return (
    <>
      <Search tracks={tracks} />
      <Tooltip label="Only the family of the selected cell">
        <ActionIcon size={26} variant={tree.only ? "light" : "subtle"} color={tree.only ? undefined : "gray"} aria-pressed={tree.only} aria-label="Only the family of the selected cell" disabled={!tree.only && !some} onClick={() => tree.setOnly(!tree.only)}>
          <IconSubtask size={16} stroke={1.6} aria-hidden />
        </ActionIcon>
      </Tooltip>
      <Tooltip label="Only families with alerts">
        <ActionIcon size={26} variant={tree.flagged ? "light" : "subtle"} color={tree.flagged ? undefined : "gray"} aria-pressed={tree.flagged} aria-label="Only families with alerts" onClick={() => tree.setFlagged(!tree.flagged)}>
          <IconFlag size={16} stroke={1.6} aria-hidden />
        </ActionIcon>
      </Tooltip>
      {labelClasses.length > 0 && (
        <NativeSelect
          className={classes.onlyRoomy}
          size="xs"
          aria-label="Only families with a cell of this class"
          data={[{ value: ANY, label: "Every class" }, { value: "", label: "No class" }, ...labelClasses.map(({ id, name }) => ({ value: id, label: name }))]}
          value={tree.classId ?? ANY}
          onChange={(event) => tree.setClass(event.currentTarget.value === ANY ? null : event.currentTarget.value)}
        />
      )}
    </>
  );
}

/** A number and Enter: the picture goes to where that cell begins. */
function Search({ tracks }: { tracks: Tracks }) {
  const editor = useEditor();
  const { tell } = useBenchDoings();
  const [asked, setAsked] = useState<number | string>("");
  const find = () => {
    const track = tracks.table.get(Number(asked));
    if (track) goTo(editor, firstOf(track.spans), [track.cell]);
    else if (asked !== "") tell(`There is no cell ${asked} with pixels here.`);
  };
  return (
    <NumberInput
      size="xs"
      w={92}
      hideControls
      min={1}
      allowDecimal={false}
      placeholder="Cell number"
      aria-label="Find a track by its cell number"
      value={asked}
      onChange={setAsked}
      onKeyDown={(event) => {
        event.stopPropagation();
        if (event.key === "Enter") find();
      }}
    />
  );
}

// ---------------------------------------------------------------- alerts and repairs

/** The keys step through the list wherever the focus is. */
function useStepping({ step, list, current }: Places, onRepair: ((place: Place) => void) | undefined): void {
  useEffect(
    () =>
      hearLineageActions((action) => {
        if (action === "place.next") step(1);
        else if (action === "place.previous") step(-1);
        else if (action === "place.repair" && list[current]) onRepair?.(list[current]);
      }),
    [step, list, current, onRepair],
  );
}

const ALERTS = { title: "Alerts", list: "Alerts, by frame", none: "Nothing looks wrong." };
const SET_ASIDE = { title: "Alerts set aside", list: "Alerts set aside, by frame", none: "No alert is set aside." };
const WORDS: Record<PlacesShown, typeof ALERTS> = {
  repairs: { title: "Proposed repairs", list: "Proposed repairs, the most useful first", none: "Nothing to repair was found." },
  links: { title: "Unsure links", list: "Unsure links, the least sure first", none: "The linker is sure of every link that is left." },
  alerts: ALERTS,
  none: ALERTS,
};

interface PlacesPaneProps {
  shown: PlacesShown;
  places: Places;
  kind: string | null;
  onKind: (kind: string | null) => void;
  actsOf: PlaceActs["of"];
  note: string | null;
}

function PlacesPane({ shown, places, kind, onKind, actsOf, note }: PlacesPaneProps) {
  const letterOf = useLetters();
  const kinds = useMemo(() => [...new Set(places.list.map(({ title }) => title))].sort(), [places.list]);
  const { title, list, none } = kind === ASIDE ? SET_ASIDE : WORDS[shown];
  return (
    <div className={classes.places} role="region" aria-label={title}>
      <div className={classes.placesBar}>
        <Step title="place.previous" icon="up" letter={letterOf("place.previous")} />
        <Step title="place.next" icon="down" letter={letterOf("place.next")} />
        <span className={classes.counts}>{places.current >= 0 ? `${places.current + 1} of ${places.list.length}` : places.pending ? "Looking …" : `${places.list.length}`}</span>
        <NativeSelect size="xs" ml="auto" aria-label="Only of this kind" data={[{ value: "", label: "Every kind" }, ...(kind && kind !== ASIDE && !kinds.includes(kind) ? [kind] : []), ...(kind === ASIDE ? [] : kinds), ...(shown === "alerts" && (places.aside > 0 || kind === ASIDE) ? [{ value: ASIDE, label: `Set aside (${places.aside})` }] : [])]} value={kind ?? ""} onChange={(event) => onKind(event.currentTarget.value || null)} />
      </div>
      {shown === "links" && places.list.length > 0 && <AskCrowd />}
      <ErrorNotice error={places.error} title={`${title}: could not be read`} />
      {note && <span className={classes.counts} style={{ padding: "0 8px" }}>{note}</span>}
      {!places.pending && places.list.length === 0 && !places.error ? (
        <div className={classes.nothing} style={{ position: "static" }}>{none}</div>
      ) : (
        <PlacesList label={list} places={places.list} current={places.current} onGo={places.go} actsOf={actsOf} />
      )}
    </div>
  );
}

/** A campaign that asks about the links of which the linker was least sure; what people say becomes links that stay. */
function AskCrowd() {
  const { project, image, branch } = useBench();
  return (
    <ButtonLink size="compact-xs" variant="default" mx={8} mb={4} to={addresses.newCampaign(project, { images: image.id, dataset: image.dataset, branch: branch.name, kind: "SAME" })}>
      Ask a crowd about them
    </ButtonLink>
  );
}

function Step({ title, icon, letter }: { title: "place.next" | "place.previous"; icon: "up" | "down"; letter: string | undefined }) {
  const Icon = icon === "up" ? IconChevronUp : IconChevronDown;
  const words = titleOf(title);
  return (
    <Tooltip label={letter ? `${words} (${letter})` : words}>
      <ActionIcon size={24} variant="subtle" color="gray" aria-label={words} onClick={() => runLineageAction(title)}>
        <Icon size={15} aria-hidden />
      </ActionIcon>
    </Tooltip>
  );
}
