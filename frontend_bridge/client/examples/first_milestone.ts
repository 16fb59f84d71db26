import * as escrow from "milestone-escrow-client";

type Job = Pick<escrow.ClientOptions, "bridge" | "chain"> &
  Record<"employer" | "freelancer", escrow.Wallet> &
  Pick<escrow.AgreementTerms, "milestones" | "accept_by"> & { document: escrow.AgreementDocument };

export async function firstMilestone({ bridge, chain, document, ...job }: Job) {
  const employer = await escrow.EscrowClient.connect({ bridge, chain, wallet: job.employer });
  const freelancer = await escrow.EscrowClient.connect({ bridge, chain, wallet: job.freelancer });
  const parties = { employer: employer.address, freelancer: freelancer.address };
  const words = { document: escrow.documentHash(document) };
  const { milestones, accept_by } = job;
  const agreement = escrow.buildAgreement({ ...parties, ...words, milestones, accept_by });
  const { signature } = await freelancer.sign("agreement", { agreement, document });
  await employer.execute("fund", { agreement, indexes: [0], signature });
  await employer.execute("release", { agreement, indexes: [0] });
  return employer.dealId(agreement);
}
