import { expect, it } from "vitest";
import { wordsOf } from "./proposed-note";
import type { UploadProposal } from "./queries";

const came = (facts: Partial<UploadProposal>): UploadProposal => ({ job: "j", job_state: "RUNNING", trained_model_name: "Starter nuclei v1", image_count: 2, reason: "", ...facts }) as UploadProposal;

it.each<[Partial<UploadProposal>, string]>([
  [{}, "is proposing labels on 2 new images"],
  [{ job_state: "QUEUED", image_count: 1 }, "on 1 new image as soon as"],
  [{ job_state: "SUCCEEDED" }, "They are drafts"],
  [{ job: null, reason: "No starter model is installed." }, "Nothing was proposed. No starter model is installed."],
])("L14 says of %o: %s", (facts, words) => expect(wordsOf(came(facts))).toContain(words));
