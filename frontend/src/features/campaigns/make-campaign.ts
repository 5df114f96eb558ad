import { rulesOf, wishOf, type Plan } from "./plan";
import { addGold, changeCampaign, createCampaign, cut, type Campaign } from "./queries";

export interface MadeCampaign {
  readonly campaign: Campaign;
  /** Questions cut. */
  readonly made: number;
  /** What did not come to pass after the campaign itself was there. */
  readonly problem: unknown;
}

/** The campaign, its questions and its known answers, one after another. What fails after the first step is told with it. */
export async function makeCampaign(project: string, plan: Plan): Promise<MadeCampaign> {
  const campaign = await createCampaign(project, rulesOf(plan));
  let made = 0;
  try {
    // Known ones first: what became gold is not cut again as a question.
    if (plan.training > 0) {
      const taught = await addGold(campaign.id, "TRAINING", wishOf(plan, plan.training * 4, true));
      await changeCampaign(campaign.id, { training_count: Math.min(plan.training, taught.made + taught.known) });
    }
    if (plan.gold > 0) await addGold(campaign.id, "GOLD", wishOf(plan, plan.gold, true));
    made = (await cut(campaign.id, wishOf(plan, plan.limit, false))).made;
    return { campaign, made, problem: made === 0 ? new Error("Nothing was found to ask about: other labels, or another question, may have some.") : null };
  } catch (problem) {
    return { campaign, made, problem };
  }
}
