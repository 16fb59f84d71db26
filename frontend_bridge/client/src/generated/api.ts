// Made by `make artifacts`: a change here is lost.

export interface paths {
    readonly "/v1/deals": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Deals, by party, role, status and token */
        readonly get: operations["listDeals"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/deals/{id}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** A deal: agreement, state, milestones */
        readonly get: operations["getDeal"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/deals/{id}/milestones/{index}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** A milestone of a deal */
        readonly get: operations["getMilestone"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/deals/{id}/events": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** What was logged of a deal, notes too, in the order of the chain */
        readonly get: operations["listDealEvents"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/deals/{id}/ledger": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** All that moved in a deal, entry by entry, and the sums */
        readonly get: operations["getDealLedger"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/deals/{id}/actions": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Every call of both contracts: what an address may do now, and why not the rest */
        readonly get: operations["getDealActions"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/accounts/{address}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** An address: credits, what its deals hold, its record */
        readonly get: operations["getAccount"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/contract": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** The contracts: addresses, ABI, typed data, timers, errors, events */
        readonly get: operations["getContract"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/events": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Live events, as server-sent events; each message's data is a LiveEvent */
        readonly get: operations["streamEvents"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/prepare/fund": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** Prepare for a wallet: Pay milestones in; with the freelancer's signature the deal is bound */
        readonly post: operations["prepareFund"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/prepare/fund_with_permit": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** Prepare for a wallet: Pay milestones in, the token's permit standing for an approval */
        readonly post: operations["prepareFundWithPermit"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/prepare/accept": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** Prepare for a wallet: Accept a deal, provided that these milestones are funded */
        readonly post: operations["prepareAccept"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/prepare/withdraw": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** Prepare for a wallet: Take money back while nobody is bound */
        readonly post: operations["prepareWithdraw"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/prepare/amend": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** Prepare for a wallet: Replace the deal by another: an award, a change of terms or of scope */
        readonly post: operations["prepareAmend"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/prepare/request_release": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** Prepare for a wallet: Ask for release; the employer's review period begins */
        readonly post: operations["prepareRequestRelease"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/prepare/void_request": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** Prepare for a wallet: Take requests back */
        readonly post: operations["prepareVoidRequest"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/prepare/release": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** Prepare for a wallet: Pay all that remains of milestones */
        readonly post: operations["prepareRelease"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/prepare/release_part": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** Prepare for a wallet: Pay a part of a milestone */
        readonly post: operations["prepareReleasePart"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/prepare/redeem": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** Prepare for a wallet: Have the employer's voucher paid, less what was paid before */
        readonly post: operations["prepareRedeem"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/prepare/cancel": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** Prepare for a wallet: Give what remains of milestones back to the employer */
        readonly post: operations["prepareCancel"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/prepare/claim": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** Prepare for a wallet: Pay the freelancer what was requested, the review period being over */
        readonly post: operations["prepareClaim"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/prepare/dispute": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** Prepare for a wallet: Freeze a milestone for the arbiter; the ruling period begins */
        readonly post: operations["prepareDispute"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/prepare/rule": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** Prepare for a wallet: Split a disputed milestone, the arbiter's share being taken first */
        readonly post: operations["prepareRule"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/prepare/apply_fallback": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** Prepare for a wallet: End a dispute that nobody ruled in time, by the agreed split */
        readonly post: operations["prepareApplyFallback"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/prepare/settle": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** Prepare for a wallet: Split milestones as the other side signed */
        readonly post: operations["prepareSettle"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/prepare/settle_dormant": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** Prepare for a wallet: Give what a lapsed deal holds, and nobody asked for, back to the employer */
        readonly post: operations["prepareSettleDormant"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/prepare/keep_alive": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** Prepare for a wallet: Record activity after the final deadline, so that the deal does not lapse */
        readonly post: operations["prepareKeepAlive"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/prepare/withdraw_credit": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** Prepare for a wallet: Take a credit: a fee, an arbiter's share, or a payment that was refused */
        readonly post: operations["prepareWithdrawCredit"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/prepare/pay_credit": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** Prepare for a wallet: Try again to pay an owner its credit */
        readonly post: operations["preparePayCredit"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/prepare/request_funding": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** Prepare for a wallet: Ask the employer to fund milestones */
        readonly post: operations["prepareRequestFunding"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/prepare/report": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** Prepare for a wallet: Report how much of a milestone's work is done */
        readonly post: operations["prepareReport"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/prepare/request_changes": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** Prepare for a wallet: Ask for changes to a milestone's work */
        readonly post: operations["prepareRequestChanges"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/prepare/request_cancel": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** Prepare for a wallet: Ask the freelancer to cancel */
        readonly post: operations["prepareRequestCancel"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/prepare/submit_evidence": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** Prepare for a wallet: Put the hash of evidence on record */
        readonly post: operations["prepareSubmitEvidence"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/prepare/confirm_arbiter": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** Prepare for a wallet: Say that the arbiter knows the deal and will rule */
        readonly post: operations["prepareConfirmArbiter"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/prepare/rate": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** Prepare for a wallet: Rate the other side once a milestone is settled */
        readonly post: operations["prepareRate"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/prepare/approve": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** Prepare for a wallet: Allow the escrow to take tokens, as funding a deal in a token needs */
        readonly post: operations["prepareApprove"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/typed-data/agreement": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** What a wallet signs: Accept the agreement: with this signature the employer's funding binds the deal */
        readonly post: operations["signAgreement"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/typed-data/amendment": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** What a wallet signs: Agree that another agreement takes the place of a bound deal */
        readonly post: operations["signAmendment"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/typed-data/settlement": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** What a wallet signs: Split milestones as one side; the other side sends it */
        readonly post: operations["signSettlement"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/typed-data/voucher": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** What a wallet signs: Promise payment of a milestone up to a total, less what was paid before */
        readonly post: operations["signVoucher"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/typed-data/permit": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** What a wallet signs: Allow the escrow to take tokens for milestones, in place of an approval */
        readonly post: operations["signPermit"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/sign-in/message": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** The text that a wallet signs to sign in */
        readonly post: operations["askSignInMessage"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/sign-in": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** Sign in by the signature of such a text: a session of an hour, as cookie and as token */
        readonly post: operations["signIn"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/session": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Who is signed in */
        readonly get: operations["getSession"];
        readonly put?: never;
        readonly post?: never;
        /** Sign out */
        readonly delete: operations["signOut"];
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/documents": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        /** Keep an agreement document, and tell its hash */
        readonly put: operations["putDocument"];
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/documents/{hash}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** An agreement document, for its author and for the parties of a deal that the author is in */
        readonly get: operations["getDocument"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/deals/{id}/files": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Files of a deal, for its parties and its arbiter */
        readonly get: operations["listDealFiles"];
        readonly put?: never;
        /** Attach a file to a deal, such as evidence, and tell its hash */
        readonly post: operations["attachFile"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/files/{hash}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** A file's bytes, for the parties and the arbiter of a deal that it is attached to */
        readonly get: operations["getFile"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/deals/{id}/comments": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** What the parties of a deal wrote, for them and their arbiter, the first one first */
        readonly get: operations["listComments"];
        readonly put?: never;
        /** Write to the other parties of a deal, and tell the hash that can go on record */
        readonly post: operations["writeComment"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/contact": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Where the account wants to be written to */
        readonly get: operations["getOwnContact"];
        /** Say where to be written to, for those with whom the account entered a deal */
        readonly put: operations["putContact"];
        readonly post?: never;
        /** Forget where to be written to */
        readonly delete: operations["deleteContact"];
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/contacts/{address}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Where somebody wants to be written to who entered a deal with the account */
        readonly get: operations["getContact"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/reports": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** Tell whoever runs the bridge of an account or a deal; nothing follows by itself */
        readonly post: operations["report"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/jobs": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Jobs, by words, tag, employer and status, the newest first */
        readonly get: operations["listJobs"];
        readonly put?: never;
        /** Post a job, or a new version of one, and say what is reserved for it */
        readonly post: operations["postJob"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/jobs/{job}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** A job, and what is reserved for it */
        readonly get: operations["getJob"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/jobs/{job}/close": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** Take no more proposals for a job; what was proposed can still be awarded */
        readonly post: operations["closeJob"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/jobs/{job}/proposals": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Proposals for a job: all for its employer, a freelancer's own for that one; newest first */
        readonly get: operations["listJobProposals"];
        readonly put?: never;
        /** Propose a signed agreement for a job; nobody gets the signature before the award */
        readonly post: operations["propose"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/offers": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** Offer terms to a freelancer, without a job */
        readonly post: operations["offer"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/offers/{proposal}/proposals": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** Accept an offer, or counter it, by a signed agreement */
        readonly post: operations["answerOffer"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/proposals": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** All proposals and offers that the account wrote or got, the newest first */
        readonly get: operations["listProposals"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/proposals/{proposal}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** A proposal, for its employer and its freelancer */
        readonly get: operations["getProposal"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/proposals/{proposal}/thread": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** A proposal and all that it answers or is answered by, the first one first */
        readonly get: operations["getThread"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/proposals/{proposal}/counter": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** Answer a proposal with other terms, which the freelancer may sign */
        readonly post: operations["counterProposal"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/proposals/{proposal}/withdraw": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** Take a proposal back whose signature nobody has yet, and delete that */
        readonly post: operations["withdrawProposal"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/proposals/{proposal}/shortlist": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        /** Take a proposal into the closer choice, which only the employer sees */
        readonly put: operations["shortlist"];
        readonly post?: never;
        /** Take a proposal out of the closer choice */
        readonly delete: operations["unlist"];
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/proposals/{proposal}/award": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** The freelancer's signature and the call that binds with it; from now on it is handed out */
        readonly post: operations["awardProposal"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/search/deals": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Deals of the account whose titles have all these words, where it may read the documents */
        readonly get: operations["searchDeals"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/webhooks": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Where the account is told of its deals' events */
        readonly get: operations["listWebhooks"];
        readonly put?: never;
        /** Be told of events by requests to a URL, signed with a secret that is shown once */
        readonly post: operations["addWebhook"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/webhooks/{webhook}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        readonly post?: never;
        /** Be told no more */
        readonly delete: operations["removeWebhook"];
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/webhooks/{webhook}/secret": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** Draw a new secret; the one before signs beside it for a day */
        readonly post: operations["rotateWebhookSecret"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/webhooks/{webhook}/ping": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** Have a message sent that tells nothing */
        readonly post: operations["pingWebhook"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/webhooks/{webhook}/deliveries": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** What a webhook was told and is to be told, the newest first */
        readonly get: operations["listDeliveries"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/healthz": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Whether the process answers */
        readonly get: operations["getHealth"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/readyz": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Whether the answers are level with the chain, and why not */
        readonly get: operations["getReadiness"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/metrics": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** For Prometheus */
        readonly get: operations["getMetrics"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/openapi.json": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** This document */
        readonly get: operations["getOpenApi"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
}
export interface webhooks {
    readonly told: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** What a webhook is sent of an event; ``timestamp`` is when the message was made. */
        readonly post: {
            readonly parameters: {
                readonly query?: never;
                readonly header: {
                    /** @description The message's, the same at each attempt. */
                    readonly "webhook-id": string;
                    /** @description Unix seconds of the attempt. */
                    readonly "webhook-timestamp": string;
                    /** @description Of id, timestamp and body, as Standard Webhooks have it. */
                    readonly "webhook-signature": string;
                };
                readonly path?: never;
                readonly cookie?: never;
            };
            readonly requestBody: {
                readonly content: {
                    readonly "application/json": components["schemas"]["Told"];
                };
            };
            readonly responses: {
                /** @description Nothing more is wanted: the webhook is switched off. */
                readonly 410: {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content?: never;
                };
                /** @description It was taken. */
                readonly "2XX": {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content?: never;
                };
                /** @description It is sent again later, under the same id. */
                readonly default: {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly notice: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** What a webhook is sent beside events. */
        readonly post: {
            readonly parameters: {
                readonly query?: never;
                readonly header: {
                    /** @description The message's, the same at each attempt. */
                    readonly "webhook-id": string;
                    /** @description Unix seconds of the attempt. */
                    readonly "webhook-timestamp": string;
                    /** @description Of id, timestamp and body, as Standard Webhooks have it. */
                    readonly "webhook-signature": string;
                };
                readonly path?: never;
                readonly cookie?: never;
            };
            readonly requestBody: {
                readonly content: {
                    readonly "application/json": components["schemas"]["Notice"];
                };
            };
            readonly responses: {
                /** @description Nothing more is wanted: the webhook is switched off. */
                readonly 410: {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content?: never;
                };
                /** @description It was taken. */
                readonly "2XX": {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content?: never;
                };
                /** @description It is sent again later, under the same id. */
                readonly default: {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
}
export interface components {
    schemas: {
        /**
         * Page[DealSummary]
         * @description Some things in a stable order. ``next`` is the cursor of those that follow; null: none do.
         */
        readonly PageOfDealSummary: {
            readonly data: readonly components["schemas"]["DealSummary"][];
            readonly next: string | null;
            readonly block: components["schemas"]["Block"];
        };
        /**
         * DealSummary
         * @description A deal as a list shows it; ``milestones`` are their statuses in order.
         */
        readonly DealSummary: {
            /** @description 32 bytes. */
            readonly id: `0x${string}`;
            /** @enum {unknown} */
            readonly status: "active" | "closed" | "dormant" | "ended" | "lapsed" | "open" | "settled";
            readonly bound: boolean;
            /** @description Checksummed address. */
            readonly employer: `0x${string}`;
            readonly freelancer: `0x${string}` | null;
            readonly arbiter: `0x${string}` | null;
            readonly token: components["schemas"]["Token"];
            readonly price: components["schemas"]["Amount"];
            readonly held: components["schemas"]["Amount"];
            readonly milestones: readonly ("agreed" | "cancelled" | "claimable" | "disputed" | "dormant" | "fallback" | "funded" | "lapsed" | "moved" | "overdue" | "pending" | "released" | "requested" | "reserved" | "returned" | "ruled" | "ruling_late" | "split")[];
            readonly final_deadline: components["schemas"]["Time"];
            readonly next: components["schemas"]["Moment"] | null;
            readonly opened: components["schemas"]["NumberedBlock"];
            /** @enum {unknown} */
            readonly finality: "confirmed" | "final" | "pending";
        };
        /**
         * Token
         * @description A currency: symbol and decimals are what it says of itself, null where it was not asked.
         */
        readonly Token: {
            /** @description Checksummed address. */
            readonly address: `0x${string}`;
            readonly symbol: string | null;
            readonly decimals: number | null;
        };
        /**
         * Amount
         * @description An exact amount: raw units, and the same in whole tokens where the decimals are known.
         */
        readonly Amount: {
            /** @description An exact integer. */
            readonly raw: string;
            readonly value: string | null;
            /** @description Checksummed address. */
            readonly token: `0x${string}`;
            readonly decimals: number | null;
        };
        /**
         * Time
         * @description A moment of the chain: unix seconds, and as ISO 8601 in UTC (null after year 9999).
         */
        readonly Time: {
            readonly unix: number;
            readonly iso: string | null;
        };
        /**
         * Moment
         * @description What begins by itself if nobody acts; ``milestone`` is null where it is about the deal.
         */
        readonly Moment: {
            readonly what: string;
            readonly milestone: number | null;
            readonly at: components["schemas"]["Time"];
        };
        /**
         * NumberedBlock
         * @description Where a log stands.
         */
        readonly NumberedBlock: {
            readonly number: number;
            readonly log_index: number;
        };
        /**
         * Block
         * @description The block at whose end the answer is true. ``final_number`` is the last final block.
         */
        readonly Block: {
            readonly number: number;
            readonly hash: `0x${string}` | null;
            readonly time: components["schemas"]["Time"] | null;
            /** @enum {unknown} */
            readonly finality: "confirmed" | "final" | "pending";
            readonly final_number: number | null;
            readonly chain_id: number;
        };
        /**
         * Answer[Deal]
         * @description One thing, and the block at whose end it was so.
         */
        readonly AnswerOfDeal: {
            readonly data: components["schemas"]["Deal"];
            readonly block: components["schemas"]["Block"];
        };
        /**
         * Deal
         * @description A deal: its agreement, its state, its milestones; ``next`` is what comes if nobody acts.
         *
         *     ``document_here`` says whether ``/v1/documents`` has its document; null where nobody knows.
         */
        readonly Deal: {
            /** @description 32 bytes. */
            readonly id: `0x${string}`;
            /** @enum {unknown} */
            readonly status: "active" | "closed" | "dormant" | "ended" | "lapsed" | "open" | "settled";
            readonly bound: boolean;
            readonly closed: boolean;
            readonly successor: `0x${string}` | null;
            readonly supersedes: `0x${string}` | null;
            readonly token: components["schemas"]["Token"];
            readonly price: components["schemas"]["Amount"];
            readonly held: components["schemas"]["Amount"];
            readonly acceptable: boolean;
            readonly fundable: boolean;
            readonly last_activity: components["schemas"]["Time"] | null;
            readonly accept_by: components["schemas"]["Time"];
            readonly final_deadline: components["schemas"]["Time"];
            readonly dormant_at: components["schemas"]["Time"];
            readonly lapsed_at: components["schemas"]["Time"];
            readonly milestones: readonly components["schemas"]["Milestone"][];
            readonly next: readonly components["schemas"]["Moment"][];
            readonly agreement: components["schemas"]["Agreement"];
            readonly document_here: boolean | null;
            readonly opened: components["schemas"]["NumberedBlock"];
            /** @enum {unknown} */
            readonly finality: "confirmed" | "final" | "pending";
        };
        /**
         * Milestone
         * @description A milestone and where its money went.
         *
         *     ``status`` is ``state`` and what the time made of it, at the time of the answer's block.
         */
        readonly Milestone: {
            readonly index: number;
            /** @enum {unknown} */
            readonly status: "agreed" | "cancelled" | "claimable" | "disputed" | "dormant" | "fallback" | "funded" | "lapsed" | "moved" | "overdue" | "pending" | "released" | "requested" | "reserved" | "returned" | "ruled" | "ruling_late" | "split";
            /** @enum {unknown} */
            readonly state: "agreed" | "disputed" | "funded" | "requested" | "reserved" | "settled";
            readonly outcome: ("cancelled" | "fallback" | "moved" | "released" | "returned" | "ruled" | "split") | null;
            readonly pending: boolean;
            readonly amount: components["schemas"]["Amount"];
            readonly remaining: components["schemas"]["Amount"];
            readonly paid: components["schemas"]["Amount"];
            readonly fees: components["schemas"]["Amount"];
            readonly refunded: components["schemas"]["Amount"];
            readonly moved: components["schemas"]["Amount"];
            readonly arbiter_share: components["schemas"]["Amount"];
            readonly ruling: components["schemas"]["Ruling"] | null;
            readonly deadline: components["schemas"]["Time"];
            readonly since: components["schemas"]["Time"] | null;
            readonly overdue_at: components["schemas"]["Time"] | null;
            readonly claimable_at: components["schemas"]["Time"] | null;
            readonly ruling_ends_at: components["schemas"]["Time"] | null;
            readonly disputable_from: components["schemas"]["Time"] | null;
            readonly dormant_at: components["schemas"]["Time"] | null;
            readonly lapsed_at: components["schemas"]["Time"] | null;
            readonly evidence: `0x${string}` | null;
            readonly reason: `0x${string}` | null;
            readonly funded_block: number | null;
        };
        /**
         * Ruling
         * @description How the arbiter split what remained.
         */
        readonly Ruling: {
            readonly freelancer: components["schemas"]["Amount"];
            readonly employer: components["schemas"]["Amount"];
        };
        /**
         * Agreement
         * @description The agreement under the contract's own words: what is signed, and what every call takes.
         */
        readonly Agreement: {
            /** @description Checksummed address. */
            readonly employer: `0x${string}`;
            /** @description Checksummed address. */
            readonly freelancer: `0x${string}`;
            /** @description Checksummed address. */
            readonly payee: `0x${string}`;
            /** @description Checksummed address. */
            readonly arbiter: `0x${string}`;
            /** @description Checksummed address. */
            readonly token: `0x${string}`;
            /** @description Checksummed address. */
            readonly platform: `0x${string}`;
            /** @description An exact integer. */
            readonly fee_bps: string;
            /** @description An exact integer. */
            readonly arbiter_bps: string;
            /** @description An exact integer. */
            readonly price: string;
            /** @description An exact integer. */
            readonly accept_by: string;
            /** @description An exact integer. */
            readonly review_period: string;
            /** @description An exact integer. */
            readonly ruling_period: string;
            /** @description An exact integer. */
            readonly fallback_freelancer_bps: string;
            /** @description 32 bytes. */
            readonly document: `0x${string}`;
            /** @description 32 bytes. */
            readonly supersedes: `0x${string}`;
            readonly milestones: readonly components["schemas"]["AgreementMilestone"][];
        };
        /**
         * AgreementMilestone
         * @description A milestone as it was agreed on: raw units, and unix seconds.
         */
        readonly AgreementMilestone: {
            /** @description An exact integer. */
            readonly amount: string;
            /** @description An exact integer. */
            readonly deadline: string;
        };
        /**
         * Answer[Milestone]
         * @description One thing, and the block at whose end it was so.
         */
        readonly AnswerOfMilestone: {
            readonly data: components["schemas"]["Milestone"];
            readonly block: components["schemas"]["Block"];
        };
        /**
         * Page[EventItem]
         * @description Some things in a stable order. ``next`` is the cursor of those that follow; null: none do.
         */
        readonly PageOfEventItem: {
            readonly data: readonly components["schemas"]["EventItem"][];
            readonly next: string | null;
            readonly block: components["schemas"]["Block"];
        };
        /**
         * EventItem
         * @description One event of a contract. Integers among ``args`` are decimal strings.
         */
        readonly EventItem: {
            readonly name: string;
            /** @enum {unknown} */
            readonly contract: "DealNotes" | "MilestoneEscrow";
            readonly deal_id: `0x${string}` | null;
            readonly block_number: number;
            /** @description 32 bytes. */
            readonly block_hash: `0x${string}`;
            readonly log_index: number;
            /** @description 32 bytes. */
            readonly tx_hash: `0x${string}`;
            readonly time: components["schemas"]["Time"] | null;
            /** @enum {unknown} */
            readonly finality: "confirmed" | "final" | "pending";
            readonly args: Record<string, unknown>;
        };
        /**
         * Answer[Ledger]
         * @description One thing, and the block at whose end it was so.
         */
        readonly AnswerOfLedger: {
            readonly data: components["schemas"]["Ledger"];
            readonly block: components["schemas"]["Block"];
        };
        /**
         * Ledger
         * @description All that moved in a deal, in order, and the sums: paid_in = paid + ... + held.
         *
         *     ``fees`` are a part of ``paid``, and ``withdrawn`` was paid in and taken back before anyone was
         *     bound. A fee and what is credited say where a part of something stayed: they change nothing of
         *     what the deal holds.
         */
        readonly Ledger: {
            /** @description 32 bytes. */
            readonly deal_id: `0x${string}`;
            readonly token: components["schemas"]["Token"];
            readonly paid_in: components["schemas"]["Amount"];
            readonly paid: components["schemas"]["Amount"];
            readonly fees: components["schemas"]["Amount"];
            readonly refunded: components["schemas"]["Amount"];
            readonly withdrawn: components["schemas"]["Amount"];
            readonly arbiter_share: components["schemas"]["Amount"];
            readonly moved: components["schemas"]["Amount"];
            readonly held: components["schemas"]["Amount"];
            readonly entries: readonly components["schemas"]["LedgerEntry"][];
        };
        /**
         * LedgerEntry
         * @description One event that moved money of a deal, and what the deal holds after it.
         */
        readonly LedgerEntry: {
            /** @enum {unknown} */
            readonly what: "arbiter share" | "credited" | "fee" | "funded" | "moved on" | "refunded" | "released";
            readonly reason: string | null;
            readonly milestone: number | null;
            readonly amount: components["schemas"]["Amount"];
            readonly receiver: `0x${string}` | null;
            readonly held: components["schemas"]["Amount"];
            readonly block_number: number;
            readonly log_index: number;
            /** @description 32 bytes. */
            readonly tx_hash: `0x${string}`;
            readonly time: components["schemas"]["Time"] | null;
            /** @enum {unknown} */
            readonly finality: "confirmed" | "final" | "pending";
        };
        /**
         * Answer[Actions]
         * @description One thing, and the block at whose end it was so.
         */
        readonly AnswerOfActions: {
            readonly data: components["schemas"]["Actions"];
            readonly block: components["schemas"]["Block"];
        };
        /**
         * Actions
         * @description Every call of both contracts, for one address, at the time of the answer's block.
         */
        readonly Actions: {
            /** @description 32 bytes. */
            readonly deal_id: `0x${string}`;
            /** @description Checksummed address. */
            readonly address: `0x${string}`;
            readonly roles: readonly string[];
            readonly actions: readonly components["schemas"]["ActionItem"][];
        };
        /**
         * ActionItem
         * @description A call, and whether the address may make it now; if not, why and from when.
         */
        readonly ActionItem: {
            readonly call: string;
            /** @enum {unknown} */
            readonly contract: "DealNotes" | "MilestoneEscrow";
            readonly milestone: number | null;
            readonly owner: `0x${string}` | null;
            readonly allowed: boolean;
            readonly code: string | null;
            readonly reason: string | null;
            readonly remedy: string | null;
            readonly opens_at: components["schemas"]["Time"] | null;
            readonly closes_at: components["schemas"]["Time"] | null;
            readonly signed_by: `0x${string}` | null;
        };
        /**
         * Answer[Account]
         * @description One thing, and the block at whose end it was so.
         */
        readonly AnswerOfAccount: {
            readonly data: components["schemas"]["Account"];
            readonly block: components["schemas"]["Block"];
        };
        /**
         * Account
         * @description An address: its credits, what its deals hold, its record.
         *
         *     ``complete`` is false where it has so many deals that only the newest were looked at.
         */
        readonly Account: {
            /** @description Checksummed address. */
            readonly address: `0x${string}`;
            readonly deals: number;
            readonly complete: boolean;
            readonly credits: readonly components["schemas"]["Credit"][];
            readonly standing: readonly components["schemas"]["Standing"][];
            readonly figures: readonly components["schemas"]["Figures"][];
        };
        /**
         * Credit
         * @description What the address may fetch with ``withdraw_credit``.
         */
        readonly Credit: {
            readonly token: components["schemas"]["Token"];
            readonly amount: components["schemas"]["Amount"];
        };
        /**
         * Standing
         * @description What milestones of deals with a role of the address hold, by token and status.
         */
        readonly Standing: {
            readonly token: components["schemas"]["Token"];
            readonly held: components["schemas"]["Amount"];
            readonly final: components["schemas"]["Amount"];
            readonly counts: {
                readonly [key: string]: number;
            };
            readonly amounts: {
                readonly [key: string]: components["schemas"]["Amount"];
            };
        };
        /**
         * Figures
         * @description The record of the address in one role and token: counts, no score, and no proof.
         */
        readonly Figures: {
            /** @enum {unknown} */
            readonly role: "arbiter" | "employer" | "freelancer";
            readonly token: components["schemas"]["Token"];
            readonly deals: number;
            readonly milestones: number;
            readonly amount: components["schemas"]["Amount"];
            readonly paid: components["schemas"]["Amount"];
            readonly refunded: components["schemas"]["Amount"];
            readonly earned: components["schemas"]["Amount"];
            readonly completion: components["schemas"]["Share"];
            readonly on_time: components["schemas"]["Share"];
            readonly auto_released: components["schemas"]["Share"];
            readonly disputed: components["schemas"]["Share"];
            readonly disputes_opened: number;
            readonly ruled: components["schemas"]["Share"];
            readonly median_review_seconds: number | null;
        };
        /**
         * Share
         * @description A part of a whole, both counted.
         */
        readonly Share: {
            readonly part: number;
            readonly whole: number;
        };
        /**
         * Answer[Contract]
         * @description One thing, and the block at whose end it was so.
         */
        readonly AnswerOfContract: {
            readonly data: components["schemas"]["Contract"];
            readonly block: components["schemas"]["Block"];
        };
        /**
         * Contract
         * @description All that a client needs to know of the contracts: where, how to call, what to sign.
         */
        readonly Contract: {
            readonly chain_id: number;
            /** @description Checksummed address. */
            readonly escrow: `0x${string}`;
            readonly notes: `0x${string}` | null;
            readonly from_block: number;
            readonly confirmed_depth: number;
            readonly domain: Record<string, unknown>;
            readonly types: {
                readonly [key: string]: readonly {
                    readonly [key: string]: string;
                }[];
            };
            readonly abi: {
                readonly [key: string]: readonly Record<string, unknown>[];
            };
            readonly timers: readonly components["schemas"]["Timer"][];
            readonly errors: readonly components["schemas"]["ErrorItem"][];
            readonly events: readonly components["schemas"]["EventType"][];
        };
        /**
         * Timer
         * @description A period that the contract or its clients know, in seconds.
         */
        readonly Timer: {
            readonly name: string;
            readonly seconds: number;
            readonly meaning: string;
        };
        /**
         * ErrorItem
         * @description A custom error of a contract, and what it means.
         */
        readonly ErrorItem: {
            readonly name: string;
            readonly selector: string;
            /** @enum {unknown} */
            readonly contract: "DealNotes" | "MilestoneEscrow";
            readonly sentence: string;
            readonly remedy: string;
        };
        /**
         * EventType
         * @description An event of a contract.
         */
        readonly EventType: {
            readonly name: string;
            /** @enum {unknown} */
            readonly contract: "DealNotes" | "MilestoneEscrow";
            readonly signature: string;
            /** @description 32 bytes. */
            readonly topic: `0x${string}`;
        };
        /**
         * LiveEvent
         * @description What a listener hears.
         *
         *     ``event``: an event was written. ``reverted``: it was taken back, its block being replaced.
         *     ``final``: blocks up to ``block_number`` cannot be replaced.
         */
        readonly LiveEvent: {
            readonly sequence: number;
            /** @enum {unknown} */
            readonly kind: "event" | "final" | "reverted";
            readonly name: string | null;
            readonly deal_id: `0x${string}` | null;
            readonly block_number: number;
            readonly log_index: number;
            readonly tx_hash: `0x${string}` | null;
            readonly block_hash: `0x${string}` | null;
            readonly time: components["schemas"]["Time"] | null;
            readonly args: Record<string, unknown> | null;
        };
        /**
         * Answer[Prepared]
         * @description One thing, and the block at whose end it was so.
         */
        readonly AnswerOfPrepared: {
            readonly data: components["schemas"]["Prepared"];
            readonly block: components["schemas"]["Block"];
        };
        /**
         * Prepared
         * @description A call to be signed and sent by a wallet; nothing was sent.
         *
         *     ``approvals`` go first. ``simulation`` is null where approvals are needed and the node cannot
         *     simulate several calls.
         */
        readonly Prepared: {
            readonly deal_id: `0x${string}` | null;
            readonly prepared: components["schemas"]["PreparedCall"];
            readonly approvals: readonly components["schemas"]["PreparedCall"][];
            readonly simulation: components["schemas"]["Simulation"] | null;
            readonly batch: components["schemas"]["Batch"];
        };
        /**
         * PreparedCall
         * @description A call: what it is in words, and the transaction.
         *
         *     ``arguments`` are read back from the transaction's ``data``. ``pays`` is what the sender pays
         *     with it, or lets the escrow take.
         */
        readonly PreparedCall: {
            readonly call: string;
            readonly contract: ("DealNotes" | "MilestoneEscrow") | "ERC20";
            readonly function: string;
            readonly arguments: Record<string, unknown>;
            readonly sentence: string;
            readonly who: string;
            readonly final: string;
            readonly pays: components["schemas"]["Amount"] | null;
            readonly transaction: components["schemas"]["Transaction"];
        };
        /**
         * Transaction
         * @description The unsigned call, as ``eth_sendTransaction`` takes it.
         *
         *     ``gas`` has some to spare; null where the node could not say it before the approvals are there.
         */
        readonly Transaction: {
            /** @description Checksummed address. */
            readonly from: `0x${string}`;
            /** @description Checksummed address. */
            readonly to: `0x${string}`;
            /** @description Bytes. */
            readonly data: `0x${string}`;
            /** @description An integer as JSON-RPC writes it. */
            readonly value: `0x${string}`;
            /** @description An integer as JSON-RPC writes it. */
            readonly chainId: `0x${string}`;
            readonly gas: `0x${string}` | null;
        };
        /**
         * Simulation
         * @description That the call goes through on the node's latest block, its approvals going before.
         *
         *     A call that does not is answered by a problem. ``events`` is null where the node does not tell.
         */
        readonly Simulation: {
            /** @enum {unknown} */
            readonly ok: true;
            readonly events: readonly components["schemas"]["Foreseen"][] | null;
        };
        /**
         * Foreseen
         * @description An event that the call would log now.
         */
        readonly Foreseen: {
            readonly name: string;
            /** @enum {unknown} */
            readonly contract: "DealNotes" | "MilestoneEscrow";
            readonly args: Record<string, unknown>;
        };
        /**
         * Batch
         * @description What ``wallet_sendCalls`` takes (EIP-5792): approvals, then the call.
         *
         *     It need not be atomic: an approval that stands alone moves nothing.
         */
        readonly Batch: {
            /** @enum {unknown} */
            readonly version: "2.0.0";
            /** @description Checksummed address. */
            readonly from: `0x${string}`;
            /** @description An integer as JSON-RPC writes it. */
            readonly chainId: `0x${string}`;
            readonly atomicRequired: boolean;
            readonly calls: readonly components["schemas"]["BatchCall"][];
        };
        /**
         * BatchCall
         * @description One call of a batch.
         */
        readonly BatchCall: {
            /** @description Checksummed address. */
            readonly to: `0x${string}`;
            /** @description Bytes. */
            readonly data: `0x${string}`;
            /** @description An integer as JSON-RPC writes it. */
            readonly value: `0x${string}`;
        };
        /**
         * Answer[TypedData]
         * @description One thing, and the block at whose end it was so.
         */
        readonly AnswerOfTypedData: {
            readonly data: components["schemas"]["TypedData"];
            readonly block: components["schemas"]["Block"];
        };
        /**
         * TypedData
         * @description A message for ``eth_signTypedData_v4``; nothing was signed.
         *
         *     ``digest`` is what is signed. One of ``signers`` signs, and ``call`` takes the signature.
         */
        readonly TypedData: {
            /** @enum {unknown} */
            readonly kind: "agreement" | "amendment" | "permit" | "settlement" | "voucher";
            /** @description 32 bytes. */
            readonly deal_id: `0x${string}`;
            readonly typed_data: Record<string, unknown>;
            /** @description 32 bytes. */
            readonly digest: `0x${string}`;
            readonly signers: readonly components["schemas"]["Signer"][];
            readonly sentence: string;
            readonly final: string;
            readonly call: string;
        };
        /**
         * Signer
         * @description Who may sign.
         */
        readonly Signer: {
            readonly role: string;
            /** @description Checksummed address. */
            readonly address: `0x${string}`;
        };
        /**
         * Answer[Message]
         * @description One thing, and the block at whose end it was so.
         */
        readonly AnswerOfMessage: {
            readonly data: components["schemas"]["Message"];
            readonly block: components["schemas"]["Block"];
        };
        /**
         * Message
         * @description The text to be signed as it is (EIP-4361, ``personal_sign``), until it expires.
         */
        readonly Message: {
            readonly message: string;
            readonly nonce: string;
            readonly expires: components["schemas"]["Time"];
        };
        /**
         * Answer[SignedIn]
         * @description One thing, and the block at whose end it was so.
         */
        readonly AnswerOfSignedIn: {
            readonly data: components["schemas"]["SignedIn"];
            readonly block: components["schemas"]["Block"];
        };
        /**
         * SignedIn
         * @description A session, and its token: for ``Authorization: Bearer``, where no cookie is wanted.
         */
        readonly SignedIn: {
            readonly session: components["schemas"]["Session"];
            /** @description Secret: 32 bytes. */
            readonly token: string;
        };
        /**
         * Session
         * @description Who is signed in, on which chain, until when.
         */
        readonly Session: {
            /** @description Checksummed address. */
            readonly address: `0x${string}`;
            readonly chain_id: number;
            readonly expires: components["schemas"]["Time"];
        };
        /**
         * Answer[Session]
         * @description One thing, and the block at whose end it was so.
         */
        readonly AnswerOfSession: {
            readonly data: components["schemas"]["Session"];
            readonly block: components["schemas"]["Block"];
        };
        /**
         * Answer[DocumentStored]
         * @description One thing, and the block at whose end it was so.
         */
        readonly AnswerOfDocumentStored: {
            readonly data: components["schemas"]["DocumentStored"];
            readonly block: components["schemas"]["Block"];
        };
        /**
         * DocumentStored
         * @description A document that is kept; ``hash`` is the agreement's ``document``.
         */
        readonly DocumentStored: {
            /** @description 32 bytes. */
            readonly hash: `0x${string}`;
            readonly size: number;
        };
        /**
         * Answer[DocumentRead]
         * @description One thing, and the block at whose end it was so.
         */
        readonly AnswerOfDocumentRead: {
            readonly data: components["schemas"]["DocumentRead"];
            readonly block: components["schemas"]["Block"];
        };
        /**
         * DocumentRead
         * @description A document: compute its hash before you believe it.
         */
        readonly DocumentRead: {
            /** @description 32 bytes. */
            readonly hash: `0x${string}`;
            readonly document: components["schemas"]["AgreementDocument"];
        };
        /**
         * AgreementDocument
         * @description The words of an agreement. Its hash is keccak256 of its RFC 8785 (JCS) form.
         */
        readonly AgreementDocument: {
            /** @enum {unknown} */
            readonly schema: "milestone-escrow/agreement-document/1";
            readonly title: string;
            readonly scope: string;
            readonly terms: string;
            readonly currency: components["schemas"]["DocumentCurrency"];
            readonly milestones: readonly components["schemas"]["DocumentMilestone"][];
            /** @description 32 bytes. */
            readonly nonce: `0x${string}`;
        };
        /**
         * DocumentCurrency
         * @description What the raw units of the agreement are of.
         */
        readonly DocumentCurrency: {
            readonly symbol: string;
            readonly decimals: number;
        };
        /**
         * DocumentMilestone
         * @description What a milestone is about.
         */
        readonly DocumentMilestone: {
            readonly title: string;
            readonly scope: string;
            readonly deliverable: string;
        };
        /**
         * Page[File]
         * @description Some things in a stable order. ``next`` is the cursor of those that follow; null: none do.
         */
        readonly PageOfFile: {
            readonly data: readonly components["schemas"]["File"][];
            readonly next: string | null;
            readonly block: components["schemas"]["Block"];
        };
        /**
         * File
         * @description A file of a deal; ``hash`` is keccak256 of its bytes, as evidence on record.
         */
        readonly File: {
            /** @description 32 bytes. */
            readonly deal_id: `0x${string}`;
            /** @description 32 bytes. */
            readonly hash: `0x${string}`;
            /** @description Checksummed address. */
            readonly author: `0x${string}`;
            /** @description What its author says that it is. */
            readonly media: string;
            readonly size: number;
            readonly created: components["schemas"]["Time"];
        };
        /**
         * Answer[File]
         * @description One thing, and the block at whose end it was so.
         */
        readonly AnswerOfFile: {
            readonly data: components["schemas"]["File"];
            readonly block: components["schemas"]["Block"];
        };
        /**
         * Page[Comment]
         * @description Some things in a stable order. ``next`` is the cursor of those that follow; null: none do.
         */
        readonly PageOfComment: {
            readonly data: readonly components["schemas"]["Comment"][];
            readonly next: string | null;
            readonly block: components["schemas"]["Block"];
        };
        /**
         * Comment
         * @description A comment.
         *
         *     ``hash`` is keccak256 of the RFC 8785 (JCS) form of ``schema``, ``deal_id``, ``number``,
         *     ``previous``, ``author``, ``milestone``, ``text``, ``created`` (unix seconds) and ``nonce``.
         *     ``previous`` is the hash of the comment before it: on record, one hash fixes all up to it.
         */
        readonly Comment: {
            /** @enum {unknown} */
            readonly schema: "milestone-escrow/comment/1";
            /** @description 32 bytes. */
            readonly deal_id: `0x${string}`;
            readonly number: number;
            /** @description 32 bytes. */
            readonly previous: `0x${string}`;
            /** @description Checksummed address. */
            readonly author: `0x${string}`;
            readonly milestone: number | null;
            readonly text: string;
            readonly created: components["schemas"]["Time"];
            /** @description 32 bytes. */
            readonly nonce: `0x${string}`;
            /** @description 32 bytes. */
            readonly hash: `0x${string}`;
        };
        /**
         * Answer[Comment]
         * @description One thing, and the block at whose end it was so.
         */
        readonly AnswerOfComment: {
            readonly data: components["schemas"]["Comment"];
            readonly block: components["schemas"]["Block"];
        };
        /**
         * Answer[Contact]
         * @description One thing, and the block at whose end it was so.
         */
        readonly AnswerOfContact: {
            readonly data: components["schemas"]["Contact"];
            readonly block: components["schemas"]["Block"];
        };
        /**
         * Contact
         * @description Where an account wants to be written to; nobody checked that the mail arrives.
         */
        readonly Contact: {
            /** @description Checksummed address. */
            readonly address: `0x${string}`;
            readonly email: string;
            readonly updated: components["schemas"]["Time"];
        };
        /**
         * Answer[Reported]
         * @description One thing, and the block at whose end it was so.
         */
        readonly AnswerOfReported: {
            readonly data: components["schemas"]["Reported"];
            readonly block: components["schemas"]["Block"];
        };
        /**
         * Reported
         * @description When a report was kept; it has no power over any deal.
         */
        readonly Reported: {
            readonly created: components["schemas"]["Time"];
        };
        /**
         * Page[Job]
         * @description Some things in a stable order. ``next`` is the cursor of those that follow; null: none do.
         */
        readonly PageOfJob: {
            readonly data: readonly components["schemas"]["Job"][];
            readonly next: string | null;
            readonly block: components["schemas"]["Block"];
        };
        /**
         * Job
         * @description A job: never changed, so a new version is another one, named by ``replaced_by``.
         *
         *     ``status`` is that at the time of the answer's block; awarded: somebody is bound to a deal that
         *     was proposed for it.
         */
        readonly Job: {
            readonly id: number;
            /** @description Checksummed address. */
            readonly employer: `0x${string}`;
            readonly title: string;
            readonly description: string;
            readonly tags: readonly string[];
            readonly budget: components["schemas"]["Budget"] | null;
            readonly closes: components["schemas"]["Time"] | null;
            /** @enum {unknown} */
            readonly status: "awarded" | "closed" | "ended" | "open";
            readonly reserve: components["schemas"]["Reserve"] | null;
            readonly replaces: number | null;
            readonly replaced_by: number | null;
            readonly created: components["schemas"]["Time"];
            readonly closed: components["schemas"]["Time"] | null;
            readonly warnings: readonly components["schemas"]["Caution"][];
        };
        /**
         * Budget
         * @description What the employer means to pay; nobody is held to it.
         */
        readonly Budget: {
            readonly min: components["schemas"]["Amount"];
            readonly max: components["schemas"]["Amount"];
        };
        /**
         * Reserve
         * @description Money that is reserved for a job by a deal, at the end of the answer's block.
         *
         *     ``held`` of ``price`` is there; both are null where the index does not know the deal (any
         *     more). ``open``: nobody is bound and nothing replaced it, so it can still be awarded.
         */
        readonly Reserve: {
            /** @description 32 bytes. */
            readonly deal_id: `0x${string}`;
            readonly held: components["schemas"]["Amount"] | null;
            readonly price: components["schemas"]["Amount"] | null;
            readonly open: boolean;
        };
        /**
         * Caution
         * @description What is worth a look before anyone goes on; it forbids nothing.
         */
        readonly Caution: {
            /** @enum {unknown} */
            readonly code: "date-past" | "first-time" | "one-milestone" | "unknown-token";
            readonly sentence: string;
        };
        /**
         * Answer[Job]
         * @description One thing, and the block at whose end it was so.
         */
        readonly AnswerOfJob: {
            readonly data: components["schemas"]["Job"];
            readonly block: components["schemas"]["Block"];
        };
        /**
         * Page[Proposal]
         * @description Some things in a stable order. ``next`` is the cursor of those that follow; null: none do.
         */
        readonly PageOfProposal: {
            readonly data: readonly components["schemas"]["Proposal"][];
            readonly next: string | null;
            readonly block: components["schemas"]["Block"];
        };
        /**
         * Proposal
         * @description A proposal, without its signature: nobody reads that before it is awarded.
         *
         *     ``total``, ``milestone_count`` and ``days`` (from the proposal to the last deadline) are for a
         *     table of them. ``job`` is null where an employer offers without one; ``thread`` is the first of
         *     those that answer each other. ``status`` is that at the time of the answer's block.
         *     ``shortlisted`` is for the employer, and null for the freelancer.
         */
        readonly Proposal: {
            readonly id: number;
            readonly job: number | null;
            readonly thread: number;
            readonly in_reply_to: number | null;
            /** @enum {unknown} */
            readonly author: "employer" | "freelancer";
            /** @description Checksummed address. */
            readonly employer: `0x${string}`;
            /** @description Checksummed address. */
            readonly freelancer: `0x${string}`;
            /** @enum {unknown} */
            readonly status: "accepted" | "awarded" | "countered" | "expired" | "handed_out" | "open" | "withdrawn";
            /** @description 32 bytes. */
            readonly deal_id: `0x${string}`;
            /** @description 32 bytes. */
            readonly document: `0x${string}`;
            readonly total: components["schemas"]["Amount"];
            readonly milestone_count: number;
            readonly days: number;
            readonly accept_by: components["schemas"]["Time"];
            readonly final_deadline: components["schemas"]["Time"];
            readonly agreement: components["schemas"]["Agreement"];
            readonly cover: string;
            readonly created: components["schemas"]["Time"];
            readonly withdrawn: components["schemas"]["Time"] | null;
            readonly handed_out: components["schemas"]["Time"] | null;
            readonly shortlisted: boolean | null;
            readonly warnings: readonly components["schemas"]["Caution"][];
        };
        /**
         * Answer[Proposal]
         * @description One thing, and the block at whose end it was so.
         */
        readonly AnswerOfProposal: {
            readonly data: components["schemas"]["Proposal"];
            readonly block: components["schemas"]["Block"];
        };
        /**
         * Answer[Withdrawal]
         * @description One thing, and the block at whose end it was so.
         */
        readonly AnswerOfWithdrawal: {
            readonly data: components["schemas"]["Withdrawal"];
            readonly block: components["schemas"]["Block"];
        };
        /**
         * Withdrawal
         * @description A proposal that was withdrawn, and what that is worth.
         */
        readonly Withdrawal: {
            readonly proposal: components["schemas"]["Proposal"];
            readonly sentence: string;
        };
        /**
         * Answer[Award]
         * @description One thing, and the block at whose end it was so.
         */
        readonly AnswerOfAward: {
            readonly data: components["schemas"]["Award"];
            readonly block: components["schemas"]["Block"];
        };
        /**
         * Award
         * @description The freelancer's signature, and the call that binds with it, for the employer's wallet.
         *
         *     Until it is sent nobody is bound, and until ``accept_by`` the freelancer cannot take the
         *     signature back.
         */
        readonly Award: {
            readonly proposal: components["schemas"]["Proposal"];
            /** @description Bytes. */
            readonly signature: `0x${string}`;
            /** @enum {unknown} */
            readonly call: "amend" | "fund";
            readonly prepared: components["schemas"]["Prepared"];
        };
        /**
         * Page[TitledDeal]
         * @description Some things in a stable order. ``next`` is the cursor of those that follow; null: none do.
         */
        readonly PageOfTitledDeal: {
            readonly data: readonly components["schemas"]["TitledDeal"][];
            readonly next: string | null;
            readonly block: components["schemas"]["Block"];
        };
        /**
         * TitledDeal
         * @description A deal, and the title of its document.
         */
        readonly TitledDeal: {
            readonly title: string;
            readonly deal: components["schemas"]["DealSummary"];
        };
        /**
         * Answer[list[frontend_bridge.api.models_webhooks.Webhook]]
         * @description One thing, and the block at whose end it was so.
         */
        readonly "Answer_list_frontend_bridge.api.models_webhooks.Webhook__": {
            readonly data: readonly components["schemas"]["Webhook"][];
            readonly block: components["schemas"]["Block"];
        };
        /**
         * Webhook
         * @description Where an account is told. ``off`` says why nothing more is sent; null: it is on.
         */
        readonly Webhook: {
            readonly number: number;
            /** @description Checksummed address. */
            readonly account: `0x${string}`;
            readonly url: string;
            readonly kinds: readonly ("event" | "final" | "reverted")[];
            readonly deal_id: `0x${string}` | null;
            readonly off: string | null;
            readonly created: components["schemas"]["Time"];
        };
        /**
         * Answer[WebhookSecret]
         * @description One thing, and the block at whose end it was so.
         */
        readonly AnswerOfWebhookSecret: {
            readonly data: components["schemas"]["WebhookSecret"];
            readonly block: components["schemas"]["Block"];
        };
        /**
         * WebhookSecret
         * @description A webhook and the secret that signs what is sent to it: shown this once.
         */
        readonly WebhookSecret: {
            readonly webhook: components["schemas"]["Webhook"];
            readonly secret: string;
            readonly old_secret_until: components["schemas"]["Time"] | null;
        };
        /**
         * Answer[Webhook]
         * @description One thing, and the block at whose end it was so.
         */
        readonly AnswerOfWebhook: {
            readonly data: components["schemas"]["Webhook"];
            readonly block: components["schemas"]["Block"];
        };
        /**
         * Answer[Delivery]
         * @description One thing, and the block at whose end it was so.
         */
        readonly AnswerOfDelivery: {
            readonly data: components["schemas"]["Delivery"];
            readonly block: components["schemas"]["Block"];
        };
        /**
         * Delivery
         * @description A message to a webhook, and what became of it. ``next_try`` null: it is over.
         */
        readonly Delivery: {
            readonly message: string;
            /** @enum {unknown} */
            readonly kind: "event" | "final" | "ping" | "reset" | "reverted";
            readonly deal_id: `0x${string}` | null;
            readonly created: components["schemas"]["Time"];
            readonly attempts: number;
            readonly tried: components["schemas"]["Time"] | null;
            readonly next_try: components["schemas"]["Time"] | null;
            readonly status: number | null;
            readonly error: string | null;
        };
        /**
         * Page[Delivery]
         * @description Some things in a stable order. ``next`` is the cursor of those that follow; null: none do.
         */
        readonly PageOfDelivery: {
            readonly data: readonly components["schemas"]["Delivery"][];
            readonly next: string | null;
            readonly block: components["schemas"]["Block"];
        };
        /**
         * Health
         * @description The process answers.
         */
        readonly Health: {
            /** @enum {unknown} */
            readonly status: "ok";
        };
        /**
         * Readiness
         * @description Whether the answers may be believed to be level with the chain, and why not.
         */
        readonly Readiness: {
            readonly ready: boolean;
            readonly why: string | null;
            readonly remedy: string;
            readonly code: string | null;
            readonly block: number | null;
            readonly head: number | null;
            readonly final: number | null;
        };
        /**
         * PrepareFund
         * @description Pay milestones in; with the freelancer's signature the deal is bound. `from` is who will sign and send it. The deal is named by its deal_id, or by the whole agreement.
         */
        readonly PrepareFund: {
            /** @description Checksummed address. */
            readonly from: `0x${string}`;
            /** @description 32 bytes. */
            readonly deal_id?: `0x${string}`;
            readonly agreement?: components["schemas"]["Agreement"];
            readonly indexes: readonly number[];
            /**
             * @description Bytes.
             * @default 0x
             */
            readonly signature?: `0x${string}`;
        };
        /**
         * PrepareFundWithPermit
         * @description Pay milestones in, the token's permit standing for an approval. `from` is who will sign and send it. The deal is named by its deal_id, or by the whole agreement.
         */
        readonly PrepareFundWithPermit: {
            /** @description Checksummed address. */
            readonly from: `0x${string}`;
            /** @description 32 bytes. */
            readonly deal_id?: `0x${string}`;
            readonly agreement?: components["schemas"]["Agreement"];
            readonly indexes: readonly number[];
            /**
             * @description Bytes.
             * @default 0x
             */
            readonly signature?: `0x${string}`;
            /** @description An integer as a decimal string. */
            readonly deadline: string;
            readonly v: number;
            /** @description 32 bytes. */
            readonly r: `0x${string}`;
            /** @description 32 bytes. */
            readonly s: `0x${string}`;
        };
        /**
         * PrepareAccept
         * @description Accept a deal, provided that these milestones are funded. `from` is who will sign and send it. The deal is named by its deal_id, or by the whole agreement.
         */
        readonly PrepareAccept: {
            /** @description Checksummed address. */
            readonly from: `0x${string}`;
            /** @description 32 bytes. */
            readonly deal_id?: `0x${string}`;
            readonly agreement?: components["schemas"]["Agreement"];
            readonly indexes: readonly number[];
        };
        /**
         * PrepareWithdraw
         * @description Take money back while nobody is bound. `from` is who will sign and send it. The deal is named by its deal_id, or by the whole agreement.
         */
        readonly PrepareWithdraw: {
            /** @description Checksummed address. */
            readonly from: `0x${string}`;
            /** @description 32 bytes. */
            readonly deal_id?: `0x${string}`;
            readonly agreement?: components["schemas"]["Agreement"];
            readonly indexes: readonly number[];
        };
        /**
         * PrepareAmend
         * @description Replace the deal by another: an award, a change of terms or of scope. `from` is who will sign and send it. The deal is named by its deal_id, or by the whole agreement.
         */
        readonly PrepareAmend: {
            /** @description Checksummed address. */
            readonly from: `0x${string}`;
            /** @description 32 bytes. */
            readonly deal_id?: `0x${string}`;
            readonly agreement?: components["schemas"]["Agreement"];
            readonly new: components["schemas"]["Agreement"];
            readonly indexes: readonly number[];
            /** @description An integer as a decimal string. */
            readonly expiry: string;
            /**
             * @description Bytes.
             * @default 0x
             */
            readonly signature?: `0x${string}`;
        };
        /**
         * PrepareRequestRelease
         * @description Ask for release; the employer's review period begins. `from` is who will sign and send it. The deal is named by its deal_id, or by the whole agreement.
         */
        readonly PrepareRequestRelease: {
            /** @description Checksummed address. */
            readonly from: `0x${string}`;
            /** @description 32 bytes. */
            readonly deal_id?: `0x${string}`;
            readonly agreement?: components["schemas"]["Agreement"];
            readonly indexes: readonly number[];
            /**
             * @description 32 bytes.
             * @default 0x0000000000000000000000000000000000000000000000000000000000000000
             */
            readonly evidence?: `0x${string}`;
        };
        /**
         * PrepareVoidRequest
         * @description Take requests back. `from` is who will sign and send it. The deal is named by its deal_id, or by the whole agreement.
         */
        readonly PrepareVoidRequest: {
            /** @description Checksummed address. */
            readonly from: `0x${string}`;
            /** @description 32 bytes. */
            readonly deal_id?: `0x${string}`;
            readonly agreement?: components["schemas"]["Agreement"];
            readonly indexes: readonly number[];
        };
        /**
         * PrepareRelease
         * @description Pay all that remains of milestones. `from` is who will sign and send it. The deal is named by its deal_id, or by the whole agreement.
         */
        readonly PrepareRelease: {
            /** @description Checksummed address. */
            readonly from: `0x${string}`;
            /** @description 32 bytes. */
            readonly deal_id?: `0x${string}`;
            readonly agreement?: components["schemas"]["Agreement"];
            readonly indexes: readonly number[];
        };
        /**
         * PrepareReleasePart
         * @description Pay a part of a milestone. `from` is who will sign and send it. The deal is named by its deal_id, or by the whole agreement.
         */
        readonly PrepareReleasePart: {
            /** @description Checksummed address. */
            readonly from: `0x${string}`;
            /** @description 32 bytes. */
            readonly deal_id?: `0x${string}`;
            readonly agreement?: components["schemas"]["Agreement"];
            /** @description A milestone; 0 is the first. */
            readonly index: number;
            /** @description Raw units; with `units` decimal, whole tokens and their parts. */
            readonly amount: string;
            /**
             * @default raw
             * @enum {unknown}
             */
            readonly units?: "decimal" | "raw";
        };
        /**
         * PrepareRedeem
         * @description Have the employer's voucher paid, less what was paid before. `from` is who will sign and send it. The deal is named by its deal_id, or by the whole agreement.
         */
        readonly PrepareRedeem: {
            /** @description Checksummed address. */
            readonly from: `0x${string}`;
            /** @description 32 bytes. */
            readonly deal_id?: `0x${string}`;
            readonly agreement?: components["schemas"]["Agreement"];
            /** @description A milestone; 0 is the first. */
            readonly index: number;
            /** @description Raw units; with `units` decimal, whole tokens and their parts. */
            readonly paid_total: string;
            /** @description An integer as a decimal string. */
            readonly expiry: string;
            /** @description Bytes. */
            readonly signature: `0x${string}`;
            /**
             * @default raw
             * @enum {unknown}
             */
            readonly units?: "decimal" | "raw";
        };
        /**
         * PrepareCancel
         * @description Give what remains of milestones back to the employer. `from` is who will sign and send it. The deal is named by its deal_id, or by the whole agreement.
         */
        readonly PrepareCancel: {
            /** @description Checksummed address. */
            readonly from: `0x${string}`;
            /** @description 32 bytes. */
            readonly deal_id?: `0x${string}`;
            readonly agreement?: components["schemas"]["Agreement"];
            readonly indexes: readonly number[];
        };
        /**
         * PrepareClaim
         * @description Pay the freelancer what was requested, the review period being over. `from` is who will sign and send it. The deal is named by its deal_id, or by the whole agreement.
         */
        readonly PrepareClaim: {
            /** @description Checksummed address. */
            readonly from: `0x${string}`;
            /** @description 32 bytes. */
            readonly deal_id?: `0x${string}`;
            readonly agreement?: components["schemas"]["Agreement"];
            readonly indexes: readonly number[];
        };
        /**
         * PrepareDispute
         * @description Freeze a milestone for the arbiter; the ruling period begins. `from` is who will sign and send it. The deal is named by its deal_id, or by the whole agreement.
         */
        readonly PrepareDispute: {
            /** @description Checksummed address. */
            readonly from: `0x${string}`;
            /** @description 32 bytes. */
            readonly deal_id?: `0x${string}`;
            readonly agreement?: components["schemas"]["Agreement"];
            /** @description A milestone; 0 is the first. */
            readonly index: number;
            /**
             * @description 32 bytes.
             * @default 0x0000000000000000000000000000000000000000000000000000000000000000
             */
            readonly reason?: `0x${string}`;
        };
        /**
         * PrepareRule
         * @description Split a disputed milestone, the arbiter's share being taken first. `from` is who will sign and send it. The deal is named by its deal_id, or by the whole agreement.
         */
        readonly PrepareRule: {
            /** @description Checksummed address. */
            readonly from: `0x${string}`;
            /** @description 32 bytes. */
            readonly deal_id?: `0x${string}`;
            readonly agreement?: components["schemas"]["Agreement"];
            /** @description A milestone; 0 is the first. */
            readonly index: number;
            /** @description Raw units; with `units` decimal, whole tokens and their parts. */
            readonly freelancer_amount: string;
            /**
             * @default raw
             * @enum {unknown}
             */
            readonly units?: "decimal" | "raw";
        };
        /**
         * PrepareApplyFallback
         * @description End a dispute that nobody ruled in time, by the agreed split. `from` is who will sign and send it. The deal is named by its deal_id, or by the whole agreement.
         */
        readonly PrepareApplyFallback: {
            /** @description Checksummed address. */
            readonly from: `0x${string}`;
            /** @description 32 bytes. */
            readonly deal_id?: `0x${string}`;
            readonly agreement?: components["schemas"]["Agreement"];
            /** @description A milestone; 0 is the first. */
            readonly index: number;
        };
        /**
         * PrepareSettle
         * @description Split milestones as the other side signed. `from` is who will sign and send it. The deal is named by its deal_id, or by the whole agreement.
         */
        readonly PrepareSettle: {
            /** @description Checksummed address. */
            readonly from: `0x${string}`;
            /** @description 32 bytes. */
            readonly deal_id?: `0x${string}`;
            readonly agreement?: components["schemas"]["Agreement"];
            readonly indexes: readonly number[];
            readonly freelancer_amounts: readonly string[];
            /** @description An integer as a decimal string. */
            readonly expiry: string;
            /** @description Bytes. */
            readonly signature: `0x${string}`;
            /**
             * @default raw
             * @enum {unknown}
             */
            readonly units?: "decimal" | "raw";
        };
        /**
         * PrepareSettleDormant
         * @description Give what a lapsed deal holds, and nobody asked for, back to the employer. `from` is who will sign and send it. The deal is named by its deal_id, or by the whole agreement.
         */
        readonly PrepareSettleDormant: {
            /** @description Checksummed address. */
            readonly from: `0x${string}`;
            /** @description 32 bytes. */
            readonly deal_id?: `0x${string}`;
            readonly agreement?: components["schemas"]["Agreement"];
            readonly indexes: readonly number[];
        };
        /**
         * PrepareKeepAlive
         * @description Record activity after the final deadline, so that the deal does not lapse. `from` is who will sign and send it. The deal is named by its deal_id, or by the whole agreement.
         */
        readonly PrepareKeepAlive: {
            /** @description Checksummed address. */
            readonly from: `0x${string}`;
            /** @description 32 bytes. */
            readonly deal_id?: `0x${string}`;
            readonly agreement?: components["schemas"]["Agreement"];
        };
        /**
         * PrepareWithdrawCredit
         * @description Take a credit: a fee, an arbiter's share, or a payment that was refused. `from` is who will sign and send it.
         */
        readonly PrepareWithdrawCredit: {
            /** @description Checksummed address. */
            readonly from: `0x${string}`;
            /** @description Checksummed address. */
            readonly token: `0x${string}`;
            /** @description Checksummed address. */
            readonly to: `0x${string}`;
        };
        /**
         * PreparePayCredit
         * @description Try again to pay an owner its credit. `from` is who will sign and send it.
         */
        readonly PreparePayCredit: {
            /** @description Checksummed address. */
            readonly from: `0x${string}`;
            /** @description Checksummed address. */
            readonly token: `0x${string}`;
            /** @description Checksummed address. */
            readonly owner: `0x${string}`;
        };
        /**
         * PrepareRequestFunding
         * @description Ask the employer to fund milestones. `from` is who will sign and send it. The deal is named by its deal_id, or by the whole agreement.
         */
        readonly PrepareRequestFunding: {
            /** @description Checksummed address. */
            readonly from: `0x${string}`;
            /** @description 32 bytes. */
            readonly deal_id?: `0x${string}`;
            readonly agreement?: components["schemas"]["Agreement"];
            readonly indexes: readonly number[];
        };
        /**
         * PrepareReport
         * @description Report how much of a milestone's work is done. `from` is who will sign and send it. The deal is named by its deal_id, or by the whole agreement.
         */
        readonly PrepareReport: {
            /** @description Checksummed address. */
            readonly from: `0x${string}`;
            /** @description 32 bytes. */
            readonly deal_id?: `0x${string}`;
            readonly agreement?: components["schemas"]["Agreement"];
            /** @description A milestone; 0 is the first. */
            readonly index: number;
            readonly percent: number;
            /**
             * @description 32 bytes.
             * @default 0x0000000000000000000000000000000000000000000000000000000000000000
             */
            readonly evidence?: `0x${string}`;
        };
        /**
         * PrepareRequestChanges
         * @description Ask for changes to a milestone's work. `from` is who will sign and send it. The deal is named by its deal_id, or by the whole agreement.
         */
        readonly PrepareRequestChanges: {
            /** @description Checksummed address. */
            readonly from: `0x${string}`;
            /** @description 32 bytes. */
            readonly deal_id?: `0x${string}`;
            readonly agreement?: components["schemas"]["Agreement"];
            /** @description A milestone; 0 is the first. */
            readonly index: number;
            /**
             * @description 32 bytes.
             * @default 0x0000000000000000000000000000000000000000000000000000000000000000
             */
            readonly note?: `0x${string}`;
        };
        /**
         * PrepareRequestCancel
         * @description Ask the freelancer to cancel. `from` is who will sign and send it. The deal is named by its deal_id, or by the whole agreement.
         */
        readonly PrepareRequestCancel: {
            /** @description Checksummed address. */
            readonly from: `0x${string}`;
            /** @description 32 bytes. */
            readonly deal_id?: `0x${string}`;
            readonly agreement?: components["schemas"]["Agreement"];
            /**
             * @description 32 bytes.
             * @default 0x0000000000000000000000000000000000000000000000000000000000000000
             */
            readonly note?: `0x${string}`;
        };
        /**
         * PrepareSubmitEvidence
         * @description Put the hash of evidence on record. `from` is who will sign and send it. The deal is named by its deal_id, or by the whole agreement.
         */
        readonly PrepareSubmitEvidence: {
            /** @description Checksummed address. */
            readonly from: `0x${string}`;
            /** @description 32 bytes. */
            readonly deal_id?: `0x${string}`;
            readonly agreement?: components["schemas"]["Agreement"];
            /** @description A milestone; 0 is the first. */
            readonly index: number;
            /** @description 32 bytes. */
            readonly evidence: `0x${string}`;
        };
        /**
         * PrepareConfirmArbiter
         * @description Say that the arbiter knows the deal and will rule. `from` is who will sign and send it. The deal is named by its deal_id, or by the whole agreement.
         */
        readonly PrepareConfirmArbiter: {
            /** @description Checksummed address. */
            readonly from: `0x${string}`;
            /** @description 32 bytes. */
            readonly deal_id?: `0x${string}`;
            readonly agreement?: components["schemas"]["Agreement"];
        };
        /**
         * PrepareRate
         * @description Rate the other side once a milestone is settled. `from` is who will sign and send it. The deal is named by its deal_id, or by the whole agreement.
         */
        readonly PrepareRate: {
            /** @description Checksummed address. */
            readonly from: `0x${string}`;
            /** @description 32 bytes. */
            readonly deal_id?: `0x${string}`;
            readonly agreement?: components["schemas"]["Agreement"];
            readonly score: number;
            /**
             * @description 32 bytes.
             * @default 0x0000000000000000000000000000000000000000000000000000000000000000
             */
            readonly review?: `0x${string}`;
        };
        /**
         * PrepareApprove
         * @description Allow the escrow to take tokens, as funding a deal in a token needs. `from` is who will sign and send it.
         */
        readonly PrepareApprove: {
            /** @description Checksummed address. */
            readonly from: `0x${string}`;
            /** @description Checksummed address. */
            readonly token: `0x${string}`;
            /** @description Raw units; with `units` decimal, whole tokens and their parts. */
            readonly amount: string;
            /**
             * @default raw
             * @enum {unknown}
             */
            readonly units?: "decimal" | "raw";
        };
        /**
         * SignAgreement
         * @description Accept the agreement: with this signature the employer's funding binds the deal. The deal is named by its deal_id, or by the whole agreement.
         */
        readonly SignAgreement: {
            /** @description 32 bytes. */
            readonly deal_id?: `0x${string}`;
            readonly agreement?: components["schemas"]["Agreement"];
        };
        /**
         * SignAmendment
         * @description Agree that another agreement takes the place of a bound deal. The deal is named by its deal_id, or by the whole agreement.
         */
        readonly SignAmendment: {
            /** @description 32 bytes. */
            readonly deal_id?: `0x${string}`;
            readonly agreement?: components["schemas"]["Agreement"];
            readonly new: components["schemas"]["Agreement"];
            readonly indexes: readonly number[];
            /** @description An integer as a decimal string. */
            readonly expiry: string;
        };
        /**
         * SignSettlement
         * @description Split milestones as one side; the other side sends it. The deal is named by its deal_id, or by the whole agreement.
         */
        readonly SignSettlement: {
            /** @description 32 bytes. */
            readonly deal_id?: `0x${string}`;
            readonly agreement?: components["schemas"]["Agreement"];
            readonly indexes: readonly number[];
            readonly freelancer_amounts: readonly string[];
            /** @description An integer as a decimal string. */
            readonly expiry: string;
            /**
             * @default raw
             * @enum {unknown}
             */
            readonly units?: "decimal" | "raw";
        };
        /**
         * SignVoucher
         * @description Promise payment of a milestone up to a total, less what was paid before. The deal is named by its deal_id, or by the whole agreement.
         */
        readonly SignVoucher: {
            /** @description 32 bytes. */
            readonly deal_id?: `0x${string}`;
            readonly agreement?: components["schemas"]["Agreement"];
            /** @description A milestone; 0 is the first. */
            readonly index: number;
            /** @description Raw units; with `units` decimal, whole tokens and their parts. */
            readonly paid_total: string;
            /** @description An integer as a decimal string. */
            readonly expiry: string;
            /**
             * @default raw
             * @enum {unknown}
             */
            readonly units?: "decimal" | "raw";
        };
        /**
         * SignPermit
         * @description Allow the escrow to take tokens for milestones, in place of an approval. The deal is named by its deal_id, or by the whole agreement.
         */
        readonly SignPermit: {
            /** @description 32 bytes. */
            readonly deal_id?: `0x${string}`;
            readonly agreement?: components["schemas"]["Agreement"];
            readonly indexes: readonly number[];
            /** @description An integer as a decimal string. */
            readonly deadline: string;
        };
        /**
         * AskMessage
         * @description Who wants to sign in.
         */
        readonly AskMessage: {
            /** @description Checksummed address. */
            readonly address: `0x${string}`;
        };
        /**
         * SignIn
         * @description The text, and the wallet's signature over it.
         */
        readonly SignIn: {
            readonly message: string;
            readonly signature: `0x${string}`;
        };
        /**
         * WriteComment
         * @description A comment on a deal, or on one of its milestones.
         */
        readonly WriteComment: {
            /** @description Unicode in normal form C, without control or direction characters. */
            readonly text: string;
            /** @description A milestone; 0 is the first. */
            readonly milestone?: number;
        };
        /**
         * PutContact
         * @description Where the account wants to be written to.
         */
        readonly PutContact: {
            readonly email: string;
        };
        /**
         * WriteReport
         * @description Something that whoever runs the bridge should know of an account or a deal.
         */
        readonly WriteReport: {
            /** @description Unicode in normal form C, without control or direction characters. */
            readonly text: string;
            /** @description Checksummed address. */
            readonly address?: `0x${string}`;
            /** @description 32 bytes. */
            readonly deal_id?: `0x${string}`;
        };
        /**
         * PostJob
         * @description A job. ``closes`` is of the chain's time; ``deal_id`` an own deal that nobody is bound to.
         *
         *     ``replaces`` is an own job that this one is a new version of: that one is closed by it.
         */
        readonly PostJob: {
            readonly title: string;
            /** @description Unicode in normal form C, without control or direction characters. */
            readonly description: string;
            /** @default [] */
            readonly tags?: readonly string[];
            readonly budget?: components["schemas"]["PostBudget"];
            /** @description An integer as a decimal string. */
            readonly closes?: string;
            /** @description 32 bytes. */
            readonly deal_id?: `0x${string}`;
            /** @description A number that this bridge gave. */
            readonly replaces?: number;
        };
        /**
         * PostBudget
         * @description What the employer means to pay, in raw units of a token; zero: the native coin.
         */
        readonly PostBudget: {
            /** @description Checksummed address. */
            readonly token: `0x${string}`;
            /** @description An integer as a decimal string. */
            readonly min: string;
            /** @description An integer as a decimal string. */
            readonly max: string;
        };
        /**
         * Propose
         * @description An agreement that the freelancer signed.
         *
         *     ``in_reply_to`` is what it answers: exactly that agreement accepts it, another counters it.
         */
        readonly Propose: {
            readonly agreement: components["schemas"]["Agreement"];
            readonly document: components["schemas"]["AgreementDocument"];
            /** @description Unicode in normal form C, without control or direction characters. */
            readonly cover: string;
            /** @description The freelancer's over the agreement (EIP-712). */
            readonly signature: `0x${string}`;
            /** @description A number that this bridge gave. */
            readonly in_reply_to?: number;
        };
        /**
         * Terms
         * @description Terms that an employer offers, or answers with; the freelancer has not signed them.
         */
        readonly Terms: {
            readonly agreement: components["schemas"]["Agreement"];
            readonly document: components["schemas"]["AgreementDocument"];
            /** @description Unicode in normal form C, without control or direction characters. */
            readonly cover: string;
        };
        /**
         * AwardProposal
         * @description Which milestones are funded with the award.
         *
         *     Usually the first; where money is reserved, the first ones that take all of it.
         */
        readonly AwardProposal: {
            readonly indexes?: readonly number[];
        };
        /**
         * AddWebhook
         * @description Where the account wants to be told, and of what.
         */
        readonly AddWebhook: {
            /** @description https, port 443, a public host. */
            readonly url: string;
            /** @description As of live events; `final` comes often. */
            readonly kinds?: readonly ("event" | "final" | "reverted")[];
            /** @description 32 bytes. */
            readonly deal_id?: `0x${string}`;
        };
        /**
         * Told
         * @description What a webhook is sent of an event; ``timestamp`` is when the message was made.
         */
        readonly Told: {
            /** @enum {unknown} */
            readonly type: "event" | "final" | "reverted";
            readonly timestamp: string;
            readonly data: components["schemas"]["LiveEvent"];
        };
        /**
         * Notice
         * @description What a webhook is sent beside events.
         *
         *     ``ping``: somebody asked for it. ``reset``: the index was made anew, so read everything again.
         */
        readonly Notice: {
            /** @enum {unknown} */
            readonly type: "ping" | "reset";
            readonly timestamp: string;
            readonly data: {
                readonly [key: string]: number;
            };
        };
        /**
         * Problem
         * @description An error, as RFC 9457 has it, with what to do about it.
         */
        readonly Problem: {
            readonly type: string;
            readonly title: string;
            readonly status: number;
            readonly detail: string;
            readonly remedy: string;
            readonly code: string;
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    readonly listDeals: {
        readonly parameters: {
            readonly query?: {
                /** @description Only those in which this address has a role. */
                readonly party?: `0x${string}`;
                /** @description Only those in which party has this role. */
                readonly role?: "employer" | "freelancer" | "arbiter";
                /** @description outgoing: party is the employer; incoming: party is the freelancer. */
                readonly direction?: "outgoing" | "incoming";
                /** @description Only those that are so at the time of the answer's block. A page may then be short, or empty, and still have a next. */
                readonly status?: "open" | "active" | "dormant" | "lapsed" | "ended" | "settled" | "closed";
                /** @description Only those in this token; zero: the native coin. */
                readonly token?: `0x${string}`;
                /** @description Only those whose id, or the address of employer, freelancer or arbiter, begins like that. Titles are in documents: /v1/search/deals looks for them. */
                readonly text?: `0x${string}`;
                /** @description By their opening; usually the newest first. */
                readonly order?: "newest" | "oldest";
                /** @description Where the page begins: `next` of the one before. */
                readonly cursor?: string;
                /** @description At most so many; usually 20. */
                readonly limit?: number;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Deals, by party, role, status and token. */
            readonly 200: {
                headers: {
                    readonly ETag: string;
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["PageOfDealSummary"];
                };
            };
        };
    };
    readonly getDeal: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description Id of the deal. */
                readonly id: `0x${string}`;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description A deal: agreement, state, milestones. */
            readonly 200: {
                headers: {
                    readonly ETag: string;
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["AnswerOfDeal"];
                };
            };
        };
    };
    readonly getMilestone: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description Id of the deal. */
                readonly id: `0x${string}`;
                /** @description 0 is the first. */
                readonly index: number;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description A milestone of a deal. */
            readonly 200: {
                headers: {
                    readonly ETag: string;
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["AnswerOfMilestone"];
                };
            };
        };
    };
    readonly listDealEvents: {
        readonly parameters: {
            readonly query?: {
                /** @description Where the page begins: `next` of the one before. */
                readonly cursor?: string;
                /** @description At most so many; usually 100. */
                readonly limit?: number;
            };
            readonly header?: never;
            readonly path: {
                /** @description Id of the deal. */
                readonly id: `0x${string}`;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description What was logged of a deal, notes too, in the order of the chain. */
            readonly 200: {
                headers: {
                    readonly ETag: string;
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["PageOfEventItem"];
                };
            };
        };
    };
    readonly getDealLedger: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description Id of the deal. */
                readonly id: `0x${string}`;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description All that moved in a deal, entry by entry, and the sums. */
            readonly 200: {
                headers: {
                    readonly ETag: string;
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["AnswerOfLedger"];
                };
            };
        };
    };
    readonly getDealActions: {
        readonly parameters: {
            readonly query: {
                /** @description Who would act. */
                readonly as: `0x${string}`;
            };
            readonly header?: never;
            readonly path: {
                /** @description Id of the deal. */
                readonly id: `0x${string}`;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Every call of both contracts: what an address may do now, and why not the rest. */
            readonly 200: {
                headers: {
                    readonly ETag: string;
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["AnswerOfActions"];
                };
            };
        };
    };
    readonly getAccount: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description Whose. */
                readonly address: `0x${string}`;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description An address: credits, what its deals hold, its record. */
            readonly 200: {
                headers: {
                    readonly ETag: string;
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["AnswerOfAccount"];
                };
            };
        };
    };
    readonly getContract: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The contracts: addresses, ABI, typed data, timers, errors, events. */
            readonly 200: {
                headers: {
                    readonly ETag: string;
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["AnswerOfContract"];
                };
            };
        };
    };
    readonly streamEvents: {
        readonly parameters: {
            readonly query?: {
                /** @description Only events of this deal, and final blocks. */
                readonly deal?: `0x${string}`;
                /** @description Only events of deals with this party. */
                readonly party?: `0x${string}`;
                /** @description Only what follows this sequence; without it, and without Last-Event-ID, only what happens from now on. */
                readonly after?: number;
            };
            readonly header?: {
                /** @description As after, sent by browsers that connect again; it counts before after. */
                readonly "Last-Event-ID"?: number;
            };
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Live events, as server-sent events; each message's data is a LiveEvent. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "text/event-stream": string;
                };
            };
        };
    };
    readonly prepareFund: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["PrepareFund"];
            };
        };
        readonly responses: {
            /** @description Prepare for a wallet: Pay milestones in; with the freelancer's signature the deal is bound. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["AnswerOfPrepared"];
                };
            };
        };
    };
    readonly prepareFundWithPermit: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["PrepareFundWithPermit"];
            };
        };
        readonly responses: {
            /** @description Prepare for a wallet: Pay milestones in, the token's permit standing for an approval. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["AnswerOfPrepared"];
                };
            };
        };
    };
    readonly prepareAccept: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["PrepareAccept"];
            };
        };
        readonly responses: {
            /** @description Prepare for a wallet: Accept a deal, provided that these milestones are funded. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["AnswerOfPrepared"];
                };
            };
        };
    };
    readonly prepareWithdraw: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["PrepareWithdraw"];
            };
        };
        readonly responses: {
            /** @description Prepare for a wallet: Take money back while nobody is bound. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["AnswerOfPrepared"];
                };
            };
        };
    };
    readonly prepareAmend: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["PrepareAmend"];
            };
        };
        readonly responses: {
            /** @description Prepare for a wallet: Replace the deal by another: an award, a change of terms or of scope. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["AnswerOfPrepared"];
                };
            };
        };
    };
    readonly prepareRequestRelease: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["PrepareRequestRelease"];
            };
        };
        readonly responses: {
            /** @description Prepare for a wallet: Ask for release; the employer's review period begins. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["AnswerOfPrepared"];
                };
            };
        };
    };
    readonly prepareVoidRequest: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["PrepareVoidRequest"];
            };
        };
        readonly responses: {
            /** @description Prepare for a wallet: Take requests back. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["AnswerOfPrepared"];
                };
            };
        };
    };
    readonly prepareRelease: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["PrepareRelease"];
            };
        };
        readonly responses: {
            /** @description Prepare for a wallet: Pay all that remains of milestones. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["AnswerOfPrepared"];
                };
            };
        };
    };
    readonly prepareReleasePart: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["PrepareReleasePart"];
            };
        };
        readonly responses: {
            /** @description Prepare for a wallet: Pay a part of a milestone. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["AnswerOfPrepared"];
                };
            };
        };
    };
    readonly prepareRedeem: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["PrepareRedeem"];
            };
        };
        readonly responses: {
            /** @description Prepare for a wallet: Have the employer's voucher paid, less what was paid before. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["AnswerOfPrepared"];
                };
            };
        };
    };
    readonly prepareCancel: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["PrepareCancel"];
            };
        };
        readonly responses: {
            /** @description Prepare for a wallet: Give what remains of milestones back to the employer. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["AnswerOfPrepared"];
                };
            };
        };
    };
    readonly prepareClaim: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["PrepareClaim"];
            };
        };
        readonly responses: {
            /** @description Prepare for a wallet: Pay the freelancer what was requested, the review period being over. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["AnswerOfPrepared"];
                };
            };
        };
    };
    readonly prepareDispute: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["PrepareDispute"];
            };
        };
        readonly responses: {
            /** @description Prepare for a wallet: Freeze a milestone for the arbiter; the ruling period begins. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["AnswerOfPrepared"];
                };
            };
        };
    };
    readonly prepareRule: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["PrepareRule"];
            };
        };
        readonly responses: {
            /** @description Prepare for a wallet: Split a disputed milestone, the arbiter's share being taken first. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["AnswerOfPrepared"];
                };
            };
        };
    };
    readonly prepareApplyFallback: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["PrepareApplyFallback"];
            };
        };
        readonly responses: {
            /** @description Prepare for a wallet: End a dispute that nobody ruled in time, by the agreed split. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["AnswerOfPrepared"];
                };
            };
        };
    };
    readonly prepareSettle: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["PrepareSettle"];
            };
        };
        readonly responses: {
            /** @description Prepare for a wallet: Split milestones as the other side signed. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["AnswerOfPrepared"];
                };
            };
        };
    };
    readonly prepareSettleDormant: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["PrepareSettleDormant"];
            };
        };
        readonly responses: {
            /** @description Prepare for a wallet: Give what a lapsed deal holds, and nobody asked for, back to the employer. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["AnswerOfPrepared"];
                };
            };
        };
    };
    readonly prepareKeepAlive: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["PrepareKeepAlive"];
            };
        };
        readonly responses: {
            /** @description Prepare for a wallet: Record activity after the final deadline, so that the deal does not lapse. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["AnswerOfPrepared"];
                };
            };
        };
    };
    readonly prepareWithdrawCredit: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["PrepareWithdrawCredit"];
            };
        };
        readonly responses: {
            /** @description Prepare for a wallet: Take a credit: a fee, an arbiter's share, or a payment that was refused. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["AnswerOfPrepared"];
                };
            };
        };
    };
    readonly preparePayCredit: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["PreparePayCredit"];
            };
        };
        readonly responses: {
            /** @description Prepare for a wallet: Try again to pay an owner its credit. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["AnswerOfPrepared"];
                };
            };
        };
    };
    readonly prepareRequestFunding: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["PrepareRequestFunding"];
            };
        };
        readonly responses: {
            /** @description Prepare for a wallet: Ask the employer to fund milestones. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["AnswerOfPrepared"];
                };
            };
        };
    };
    readonly prepareReport: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["PrepareReport"];
            };
        };
        readonly responses: {
            /** @description Prepare for a wallet: Report how much of a milestone's work is done. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["AnswerOfPrepared"];
                };
            };
        };
    };
    readonly prepareRequestChanges: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["PrepareRequestChanges"];
            };
        };
        readonly responses: {
            /** @description Prepare for a wallet: Ask for changes to a milestone's work. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["AnswerOfPrepared"];
                };
            };
        };
    };
    readonly prepareRequestCancel: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["PrepareRequestCancel"];
            };
        };
        readonly responses: {
            /** @description Prepare for a wallet: Ask the freelancer to cancel. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["AnswerOfPrepared"];
                };
            };
        };
    };
    readonly prepareSubmitEvidence: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["PrepareSubmitEvidence"];
            };
        };
        readonly responses: {
            /** @description Prepare for a wallet: Put the hash of evidence on record. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["AnswerOfPrepared"];
                };
            };
        };
    };
    readonly prepareConfirmArbiter: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["PrepareConfirmArbiter"];
            };
        };
        readonly responses: {
            /** @description Prepare for a wallet: Say that the arbiter knows the deal and will rule. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["AnswerOfPrepared"];
                };
            };
        };
    };
    readonly prepareRate: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["PrepareRate"];
            };
        };
        readonly responses: {
            /** @description Prepare for a wallet: Rate the other side once a milestone is settled. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["AnswerOfPrepared"];
                };
            };
        };
    };
    readonly prepareApprove: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["PrepareApprove"];
            };
        };
        readonly responses: {
            /** @description Prepare for a wallet: Allow the escrow to take tokens, as funding a deal in a token needs. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["AnswerOfPrepared"];
                };
            };
        };
    };
    readonly signAgreement: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["SignAgreement"];
            };
        };
        readonly responses: {
            /** @description What a wallet signs: Accept the agreement: with this signature the employer's funding binds the deal. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["AnswerOfTypedData"];
                };
            };
        };
    };
    readonly signAmendment: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["SignAmendment"];
            };
        };
        readonly responses: {
            /** @description What a wallet signs: Agree that another agreement takes the place of a bound deal. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["AnswerOfTypedData"];
                };
            };
        };
    };
    readonly signSettlement: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["SignSettlement"];
            };
        };
        readonly responses: {
            /** @description What a wallet signs: Split milestones as one side; the other side sends it. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["AnswerOfTypedData"];
                };
            };
        };
    };
    readonly signVoucher: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["SignVoucher"];
            };
        };
        readonly responses: {
            /** @description What a wallet signs: Promise payment of a milestone up to a total, less what was paid before. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["AnswerOfTypedData"];
                };
            };
        };
    };
    readonly signPermit: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["SignPermit"];
            };
        };
        readonly responses: {
            /** @description What a wallet signs: Allow the escrow to take tokens for milestones, in place of an approval. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["AnswerOfTypedData"];
                };
            };
        };
    };
    readonly askSignInMessage: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["AskMessage"];
            };
        };
        readonly responses: {
            /** @description The text that a wallet signs to sign in. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["AnswerOfMessage"];
                };
            };
        };
    };
    readonly signIn: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["SignIn"];
            };
        };
        readonly responses: {
            /** @description Sign in by the signature of such a text: a session of an hour, as cookie and as token. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["AnswerOfSignedIn"];
                };
            };
        };
    };
    readonly getSession: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Who is signed in. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["AnswerOfSession"];
                };
            };
        };
    };
    readonly signOut: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Sign out. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["AnswerOfSession"];
                };
            };
        };
    };
    readonly putDocument: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["AgreementDocument"];
            };
        };
        readonly responses: {
            /** @description Keep an agreement document, and tell its hash. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["AnswerOfDocumentStored"];
                };
            };
        };
    };
    readonly getDocument: {
        readonly parameters: {
            readonly query?: {
                /** @description A deal that shows it, if it is known; a payee gives it. */
                readonly deal?: `0x${string}`;
            };
            readonly header?: never;
            readonly path: {
                /** @description keccak256 of its bytes. */
                readonly hash: `0x${string}`;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description An agreement document, for its author and for the parties of a deal that the author is in. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["AnswerOfDocumentRead"];
                };
            };
        };
    };
    readonly listDealFiles: {
        readonly parameters: {
            readonly query?: {
                /** @description Where the page begins: `next` of the one before. */
                readonly cursor?: string;
                /** @description At most so many; usually 50. */
                readonly limit?: number;
            };
            readonly header?: never;
            readonly path: {
                /** @description Id of the deal. */
                readonly id: `0x${string}`;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Files of a deal, for its parties and its arbiter. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["PageOfFile"];
                };
            };
        };
    };
    readonly attachFile: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: {
                /** @description Of the sender's making: for a day the same request with the same key is answered again, and done once. */
                readonly "Idempotency-Key"?: string;
            };
            readonly path: {
                /** @description Id of the deal. */
                readonly id: `0x${string}`;
            };
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/pdf": string;
                readonly "application/zip": string;
                readonly "application/json": string;
                readonly "image/jpeg": string;
                readonly "image/png": string;
                readonly "image/webp": string;
                readonly "text/plain": string;
                readonly "text/markdown": string;
                readonly "text/csv": string;
                readonly "application/octet-stream": string;
            };
        };
        readonly responses: {
            /** @description Attach a file to a deal, such as evidence, and tell its hash. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["AnswerOfFile"];
                };
            };
        };
    };
    readonly getFile: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description keccak256 of its bytes. */
                readonly hash: `0x${string}`;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description A file's bytes, for the parties and the arbiter of a deal that it is attached to. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "*/*": string;
                };
            };
        };
    };
    readonly listComments: {
        readonly parameters: {
            readonly query?: {
                /** @description Where the page begins: `next` of the one before. */
                readonly cursor?: string;
                /** @description At most so many; usually 50. */
                readonly limit?: number;
            };
            readonly header?: never;
            readonly path: {
                /** @description Id of the deal. */
                readonly id: `0x${string}`;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description What the parties of a deal wrote, for them and their arbiter, the first one first. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["PageOfComment"];
                };
            };
        };
    };
    readonly writeComment: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: {
                /** @description Of the sender's making: for a day the same request with the same key is answered again, and done once. */
                readonly "Idempotency-Key"?: string;
            };
            readonly path: {
                /** @description Id of the deal. */
                readonly id: `0x${string}`;
            };
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["WriteComment"];
            };
        };
        readonly responses: {
            /** @description Write to the other parties of a deal, and tell the hash that can go on record. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["AnswerOfComment"];
                };
            };
        };
    };
    readonly getOwnContact: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Where the account wants to be written to. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["AnswerOfContact"];
                };
            };
        };
    };
    readonly putContact: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["PutContact"];
            };
        };
        readonly responses: {
            /** @description Say where to be written to, for those with whom the account entered a deal. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["AnswerOfContact"];
                };
            };
        };
    };
    readonly deleteContact: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Forget where to be written to. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["AnswerOfContact"];
                };
            };
        };
    };
    readonly getContact: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description Whose. */
                readonly address: `0x${string}`;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Where somebody wants to be written to who entered a deal with the account. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["AnswerOfContact"];
                };
            };
        };
    };
    readonly report: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: {
                /** @description Of the sender's making: for a day the same request with the same key is answered again, and done once. */
                readonly "Idempotency-Key"?: string;
            };
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["WriteReport"];
            };
        };
        readonly responses: {
            /** @description Tell whoever runs the bridge of an account or a deal; nothing follows by itself. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["AnswerOfReported"];
                };
            };
        };
    };
    readonly listJobs: {
        readonly parameters: {
            readonly query?: {
                /** @description Only those with all these words, or parts of words, in title, description or tags, in whatever case. A page may then be short, or empty, and still have a next. */
                readonly text?: string;
                /** @description Only those with this tag, in whatever case. */
                readonly tag?: string;
                /** @description Only this employer's. */
                readonly employer?: `0x${string}`;
                /** @description Only those that are so at the time of the answer's block; pages as with `text`. */
                readonly status?: "open" | "ended" | "closed" | "awarded";
                /** @description Where the page begins: `next` of the one before. */
                readonly cursor?: string;
                /** @description At most so many; usually 20. */
                readonly limit?: number;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Jobs, by words, tag, employer and status, the newest first. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["PageOfJob"];
                };
            };
        };
    };
    readonly postJob: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: {
                /** @description Of the sender's making: for a day the same request with the same key is answered again, and done once. */
                readonly "Idempotency-Key"?: string;
            };
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["PostJob"];
            };
        };
        readonly responses: {
            /** @description Post a job, or a new version of one, and say what is reserved for it. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["AnswerOfJob"];
                };
            };
        };
    };
    readonly getJob: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description Number of the job. */
                readonly job: number;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description A job, and what is reserved for it. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["AnswerOfJob"];
                };
            };
        };
    };
    readonly closeJob: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: {
                /** @description Of the sender's making: for a day the same request with the same key is answered again, and done once. */
                readonly "Idempotency-Key"?: string;
            };
            readonly path: {
                /** @description Number of the job. */
                readonly job: number;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Take no more proposals for a job; what was proposed can still be awarded. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["AnswerOfJob"];
                };
            };
        };
    };
    readonly listJobProposals: {
        readonly parameters: {
            readonly query?: {
                /** @description Only those in the employer's closer choice, or only the others. */
                readonly shortlisted?: "true" | "false";
                /** @description Where the page begins: `next` of the one before. */
                readonly cursor?: string;
                /** @description At most so many; usually 20. */
                readonly limit?: number;
            };
            readonly header?: never;
            readonly path: {
                /** @description Number of the job. */
                readonly job: number;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Proposals for a job: all for its employer, a freelancer's own for that one; newest first. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["PageOfProposal"];
                };
            };
        };
    };
    readonly propose: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: {
                /** @description Of the sender's making: for a day the same request with the same key is answered again, and done once. */
                readonly "Idempotency-Key"?: string;
            };
            readonly path: {
                /** @description Number of the job. */
                readonly job: number;
            };
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["Propose"];
            };
        };
        readonly responses: {
            /** @description Propose a signed agreement for a job; nobody gets the signature before the award. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["AnswerOfProposal"];
                };
            };
        };
    };
    readonly offer: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: {
                /** @description Of the sender's making: for a day the same request with the same key is answered again, and done once. */
                readonly "Idempotency-Key"?: string;
            };
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["Terms"];
            };
        };
        readonly responses: {
            /** @description Offer terms to a freelancer, without a job. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["AnswerOfProposal"];
                };
            };
        };
    };
    readonly answerOffer: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: {
                /** @description Of the sender's making: for a day the same request with the same key is answered again, and done once. */
                readonly "Idempotency-Key"?: string;
            };
            readonly path: {
                /** @description Number of the proposal. */
                readonly proposal: number;
            };
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["Propose"];
            };
        };
        readonly responses: {
            /** @description Accept an offer, or counter it, by a signed agreement. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["AnswerOfProposal"];
                };
            };
        };
    };
    readonly listProposals: {
        readonly parameters: {
            readonly query?: {
                /** @description Where the page begins: `next` of the one before. */
                readonly cursor?: string;
                /** @description At most so many; usually 20. */
                readonly limit?: number;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description All proposals and offers that the account wrote or got, the newest first. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["PageOfProposal"];
                };
            };
        };
    };
    readonly getProposal: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description Number of the proposal. */
                readonly proposal: number;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description A proposal, for its employer and its freelancer. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["AnswerOfProposal"];
                };
            };
        };
    };
    readonly getThread: {
        readonly parameters: {
            readonly query?: {
                /** @description Where the page begins: `next` of the one before. */
                readonly cursor?: string;
                /** @description At most so many; usually 20. */
                readonly limit?: number;
            };
            readonly header?: never;
            readonly path: {
                /** @description Number of the proposal. */
                readonly proposal: number;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description A proposal and all that it answers or is answered by, the first one first. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["PageOfProposal"];
                };
            };
        };
    };
    readonly counterProposal: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: {
                /** @description Of the sender's making: for a day the same request with the same key is answered again, and done once. */
                readonly "Idempotency-Key"?: string;
            };
            readonly path: {
                /** @description Number of the proposal. */
                readonly proposal: number;
            };
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["Terms"];
            };
        };
        readonly responses: {
            /** @description Answer a proposal with other terms, which the freelancer may sign. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["AnswerOfProposal"];
                };
            };
        };
    };
    readonly withdrawProposal: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: {
                /** @description Of the sender's making: for a day the same request with the same key is answered again, and done once. */
                readonly "Idempotency-Key"?: string;
            };
            readonly path: {
                /** @description Number of the proposal. */
                readonly proposal: number;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Take a proposal back whose signature nobody has yet, and delete that. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["AnswerOfWithdrawal"];
                };
            };
        };
    };
    readonly shortlist: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description Number of the proposal. */
                readonly proposal: number;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Take a proposal into the closer choice, which only the employer sees. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["AnswerOfProposal"];
                };
            };
        };
    };
    readonly unlist: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description Number of the proposal. */
                readonly proposal: number;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Take a proposal out of the closer choice. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["AnswerOfProposal"];
                };
            };
        };
    };
    readonly awardProposal: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: {
                /** @description Of the sender's making: for a day the same request with the same key is answered again, and done once. */
                readonly "Idempotency-Key"?: string;
            };
            readonly path: {
                /** @description Number of the proposal. */
                readonly proposal: number;
            };
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["AwardProposal"];
            };
        };
        readonly responses: {
            /** @description The freelancer's signature and the call that binds with it; from now on it is handed out. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["AnswerOfAward"];
                };
            };
        };
    };
    readonly searchDeals: {
        readonly parameters: {
            readonly query: {
                /** @description Words, or parts of them. */
                readonly text: string;
                /** @description Where the page begins: `next` of the one before. */
                readonly cursor?: string;
                /** @description At most so many; usually 20. */
                readonly limit?: number;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Deals of the account whose titles have all these words, where it may read the documents. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["PageOfTitledDeal"];
                };
            };
        };
    };
    readonly listWebhooks: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Where the account is told of its deals' events. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Answer_list_frontend_bridge.api.models_webhooks.Webhook__"];
                };
            };
        };
    };
    readonly addWebhook: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: {
                /** @description Of the sender's making: for a day the same request with the same key is answered again, and done once. */
                readonly "Idempotency-Key"?: string;
            };
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["AddWebhook"];
            };
        };
        readonly responses: {
            /** @description Be told of events by requests to a URL, signed with a secret that is shown once. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["AnswerOfWebhookSecret"];
                };
            };
        };
    };
    readonly removeWebhook: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description Number of the webhook. */
                readonly webhook: number;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Be told no more. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["AnswerOfWebhook"];
                };
            };
        };
    };
    readonly rotateWebhookSecret: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: {
                /** @description Of the sender's making: for a day the same request with the same key is answered again, and done once. */
                readonly "Idempotency-Key"?: string;
            };
            readonly path: {
                /** @description Number of the webhook. */
                readonly webhook: number;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Draw a new secret; the one before signs beside it for a day. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["AnswerOfWebhookSecret"];
                };
            };
        };
    };
    readonly pingWebhook: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: {
                /** @description Of the sender's making: for a day the same request with the same key is answered again, and done once. */
                readonly "Idempotency-Key"?: string;
            };
            readonly path: {
                /** @description Number of the webhook. */
                readonly webhook: number;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Have a message sent that tells nothing. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["AnswerOfDelivery"];
                };
            };
        };
    };
    readonly listDeliveries: {
        readonly parameters: {
            readonly query?: {
                /** @description Where the page begins: `next` of the one before. */
                readonly cursor?: string;
                /** @description At most so many; usually 50. */
                readonly limit?: number;
            };
            readonly header?: never;
            readonly path: {
                /** @description Number of the webhook. */
                readonly webhook: number;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description What a webhook was told and is to be told, the newest first. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["PageOfDelivery"];
                };
            };
        };
    };
    readonly getHealth: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Whether the process answers. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Health"];
                };
            };
        };
    };
    readonly getReadiness: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Whether the answers are level with the chain, and why not. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Readiness"];
                };
            };
        };
    };
    readonly getMetrics: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description For Prometheus. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "text/plain": string;
                };
            };
        };
    };
    readonly getOpenApi: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description This document. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": Record<string, unknown>;
                };
            };
        };
    };
}
