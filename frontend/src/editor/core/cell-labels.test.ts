import { describe, expect, test } from "vitest";
import { classesOf, given, withAttribute, withClasses, without } from "./cell-labels";
import { NO_FACTS, sameFacts } from "./edit";
import { editToJson, parseEdit } from "./edit-json";

const [T1, T2, P1] = ["1", "2", "3"].map((n) => `00000000-0000-4000-8000-00000000000${n}`);
const branch = (id: string): string => (id === P1 ? "phase" : "type");
const ID = "3b241101-e2bb-4255-8caf-4136c566a962";

describe("C1 what people say a cell is", () => {
  test("a class takes the place of those that it excludes", () => {
    const both = given(given(NO_FACTS, T1, branch), P1, branch);
    expect(classesOf(both)).toEqual([T1, P1]);
    expect(classesOf(given(both, T2, branch))).toEqual([T2, P1]);
    expect(classesOf(given(both, T2))).toEqual([T2]);
    expect(given(both, null, branch)).toEqual(NO_FACTS);
    expect(classesOf(without(both, T1))).toEqual([P1]);
  });

  test("what is empty is left out, so that facts without it are the same facts", () => {
    const said = withAttribute(withClasses(NO_FACTS, [T1, P1]), ID, 3.5);
    expect(sameFacts(said, NO_FACTS)).toBe(false);
    expect(withClasses(withAttribute(said, ID, null), [])).toEqual(NO_FACTS);
    expect(sameFacts({ ...NO_FACTS, also: [], attributes: {}, uncertain: false }, NO_FACTS)).toBe(true);
  });

  test("facts survive JSON, and what is wrong is refused", () => {
    const facts = { ...withAttribute(withClasses(NO_FACTS, [T1, P1]), ID, true), uncertain: true };
    const edit = { id: ID, tool: "class", pixels: [], cells: [{ cell: 1, before: NO_FACTS, after: facts }] };
    expect(parseEdit(JSON.parse(JSON.stringify(editToJson(edit))))).toEqual(edit);
    const wrong = (after: object) => () => parseEdit({ ...edit, cells: [{ cell: 1, before: {}, after }] });
    expect(wrong({ also: [P1] })).toThrow("need a main one");
    expect(wrong({ class: P1, also: [P1] })).toThrow("named twice");
    expect(wrong({ attributes: { [ID]: null } })).toThrow("a short text");
  });
});
