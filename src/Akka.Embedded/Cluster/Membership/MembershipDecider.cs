using System.Collections.Immutable;

namespace Akka.Cluster.Membership;

/// <summary>
/// The membership rules: what follows from a command in a view. Pure: no clock, no I/O. The protocol, its
/// invariants and the reasons are in <c>docs/adr/0002-cluster-membership.md</c>.
/// </summary>
internal static class MembershipDecider
{
    /// <summary>The events that the command causes, in order, and what must be sent.</summary>
    public static MembershipDecision Decide(MembershipView view, MembershipCommand command, MembershipEnvironment environment) => view switch
    {
        OutsideCluster outside => DecideOutside(outside, command, environment),
        InsideCluster inside => Complete(inside, command, DecideInside(inside, command, environment), environment),
        OutOfCluster ended => DecideEnded(ended, command),
        _ => throw new InvalidOperationException($"unknown view {view.GetType().Name}"),
    };

    /// <summary>The view after all events.</summary>
    public static MembershipView Evolve(MembershipView view, IEnumerable<MembershipEvent> events) =>
        events.Aggregate(view, MembershipState.Apply);

    private static MembershipDecision DecideOutside(OutsideCluster view, MembershipCommand command, MembershipEnvironment environment) => command switch
    {
        FoundCluster found => Event(new ClusterEntered(
            Gossip.Empty.With(new MemberEntry(view.Self, found.Roles, MemberStage.Joining, MemberEntry.NotUp)), environment.NowMs)),
        AcceptWelcome welcome when welcome.Gossip.Find(view.Self) is not null => Events(
            new ClusterEntered(welcome.Gossip, environment.NowMs),
            new GossipMerged(welcome.From, welcome.Gossip)),

        // Admitted, lost and removed before it ever heard of it: this incarnation can never be a member.
        ReceiveGossip { IsFate: true, Gossip: var gossip } when gossip.Find(view.Self)?.Stage.IsAlive() != true => Event(new SelfEnded(true)),
        _ => MembershipDecision.Nothing,
    };

    /// <summary>A node that is out answers peers that still count on it with what it knows.</summary>
    private static MembershipDecision DecideEnded(OutOfCluster view, MembershipCommand command) => command switch
    {
        ReceiveGossip { IsFate: false, From: var from } when view.LastGossip.Find(from)?.Stage.IsAlive() == true && !from.Equals(view.Self) =>
            new MembershipDecision([], [new TellFate(from)]),
        _ => MembershipDecision.Nothing,
    };

    private static MembershipDecision DecideInside(InsideCluster view, MembershipCommand command, MembershipEnvironment environment) => command switch
    {
        AdmitNode admit => Admit(view, admit),
        ReceiveGossip received => Receive(view, received),
        ObserveNode observed => Observe(view, observed),
        LeaveNode leave => Events(view.Gossip.Members.Values
            .Where(m => m.Node.Address.Equals(leave.Address) && m.Stage < MemberStage.Leaving)
            .Select(m => new EntryChanged(m with { Stage = MemberStage.Leaving }))),
        DownNode down => Events(view.Gossip.Members.Values
            .Where(m => m.Node.Address.Equals(down.Address) && m.Stage < MemberStage.Down)
            .Select(Downed)),
        ConfirmExit when view.SelfEntry.Stage == MemberStage.Exiting =>
            Event(new EntryChanged(view.SelfEntry with { Stage = MemberStage.ExitConfirmed })),
        RestartStability => view.LosingSinceMs == InsideCluster.Never
            ? Event(new CutsChanged(environment.NowMs))
            : Events(new CutsChanged(environment.NowMs), new MajorityLost(environment.NowMs)),
        AssessCluster => Assess(view, environment),
        _ => MembershipDecision.Nothing,
    };

    private static MembershipDecision Admit(InsideCluster view, AdmitNode admit)
    {
        if (view.SelfEntry.Stage >= MemberStage.Exiting)
        {
            return MembershipDecision.Nothing;
        }

        if (view.Gossip.Tombstones.ContainsKey(admit.Node))
        {
            return new MembershipDecision([], [new TellFate(admit.Node)]);
        }

        var known = view.Gossip.Find(admit.Node);
        if (known is not null)
        {
            return new MembershipDecision([], [known.Stage.IsAlive() ? new SendWelcome(admit.Node) : new TellFate(admit.Node)]);
        }

        // A process that starts again at its old address proves that the old incarnation is gone. The node keeps
        // asking and is admitted once that one is removed.
        var former = view.Gossip.Members.Values.Where(m => m.Node.Address.Equals(admit.Node.Address)).ToList();
        if (former.Count > 0)
        {
            return Events(former.Where(m => m.Stage < MemberStage.Down).Select(Downed));
        }

        var entry = new MemberEntry(admit.Node, admit.Roles, MemberStage.Joining, MemberEntry.NotUp);
        return new MembershipDecision([new EntryChanged(entry)], [new SendWelcome(admit.Node)]);
    }

    /// <summary>
    /// Only members that are not down are listened to. The others are told what became of them, so that a process
    /// which was frozen or cut off stops as soon as it can be reached.
    /// </summary>
    private static MembershipDecision Receive(InsideCluster view, ReceiveGossip received) => view.Gossip.Find(received.From) switch
    {
        { Stage: < MemberStage.Condemned } => Event(new GossipMerged(received.From, received.Gossip)),
        _ when received.IsFate => MembershipDecision.Nothing,
        null when !view.Gossip.Tombstones.ContainsKey(received.From) => MembershipDecision.Nothing,
        _ => new MembershipDecision([], [new TellFate(received.From)]),
    };

    private static MembershipDecision Observe(InsideCluster view, ObserveNode observed)
    {
        var known = view.Gossip.Find(observed.Node);
        var changes = known is not null && known.Stage.IsAlive() && !observed.Node.Equals(view.Self)
            && !ReferenceEquals(view.Gossip.WithObservation(view.Self, observed.Node, observed.Unreachable), view.Gossip);
        return changes ? Event(new NodeObserved(observed.Node, observed.Unreachable)) : MembershipDecision.Nothing;
    }

    private static MembershipDecision Assess(InsideCluster view, MembershipEnvironment environment)
    {
        var events = new List<MembershipEvent>();
        var oldest = environment.UnixMs - environment.Settings.TombstoneLifeMs;
        if (view.Gossip.Tombstones.Values.Any(t => t.RemovedAtUnixMs < oldest))
        {
            events.Add(new TombstonesPruned(oldest));
        }

        if (IsTimeToDown(view, environment))
        {
            var lost = KeepMajority.ToDown(view.Gossip, environment.Settings.MajorityRole);
            events.AddRange(lost.Select(node => node.Equals(view.Self)
                ? Downed(view.SelfEntry)
                : new EntryChanged(view.Gossip.Members[node] with { Stage = MemberStage.Condemned })));
        }

        return Events(events);
    }

    /// <summary>
    /// Survivors wait until the whole picture has been stable. Who is cut off counts from the moment that it lost the
    /// majority, whatever else changes meanwhile: so it is never gone later than the survivors think.
    /// </summary>
    private static bool IsTimeToDown(InsideCluster view, MembershipEnvironment environment)
    {
        var stableAfter = environment.Settings.StableAfterMs;
        var since = Math.Min(view.CutsChangedAtMs, view.LosingSinceMs);
        return stableAfter >= 0 && environment.NowMs - since >= stableAfter;
    }

    /// <summary>
    /// Adds what follows at once from a change: the stability timer starts anew when the picture has changed, a
    /// node that finds itself down or removed ends, and the leader does what is due.
    /// </summary>
    private static MembershipDecision Complete(
        InsideCluster before, MembershipCommand command, MembershipDecision decision, MembershipEnvironment environment)
    {
        var events = decision.Events;
        var view = (InsideCluster)Evolve(before, events);
        if (!IsOut(view))
        {
            var due = LeaderActions.Due(view, environment).ToList();
            events = events.AddRange(due);
            view = (InsideCluster)Evolve(view, due);
        }

        if (IsOut(view))
        {
            var downed = !view.Gossip.Members.ContainsKey(view.Self)
                ? before.SelfEntry.Stage is not (MemberStage.Exiting or MemberStage.ExitConfirmed)
                : !view.SelfEntry.Stage.IsAlive();
            return decision with { Events = events.Add(new SelfEnded(downed)) };
        }

        return decision with { Events = events.AddRange(Consequences(before, view, command, environment)) };
    }

    private static IEnumerable<MembershipEvent> Consequences(
        InsideCluster before, InsideCluster after, MembershipCommand cause, MembershipEnvironment environment)
    {
        if (ReferenceEquals(before.Gossip, after.Gossip))
        {
            yield break;
        }

        var role = environment.Settings.MajorityRole;
        if (PictureChanged(before.Gossip, after.Gossip, role))
        {
            yield return new CutsChanged(environment.NowMs);
        }

        var loses = KeepMajority.IsCutOff(after.Gossip, after.Self, role);
        if (loses && after.LosingSinceMs == InsideCluster.Never)
        {
            yield return new MajorityLost(LostAt(cause, environment));
        }
        else if (!loses && after.LosingSinceMs != InsideCluster.Never)
        {
            yield return new MajorityRegained();
        }
    }

    /// <summary>
    /// The majority was lost when its last member fell silent, not when a failure detector that has got used to long
    /// pauses noticed: the survivors' detectors may have been quicker. At least half of stable-after is left, so that
    /// short trouble passes.
    /// </summary>
    private static long LostAt(MembershipCommand cause, MembershipEnvironment environment)
    {
        var now = environment.NowMs;
        return cause is ObserveNode observed
            ? Math.Clamp(observed.LastHeardMs + environment.Settings.DetectionMs, now - (Math.Max(0, environment.Settings.StableAfterMs) / 2), now)
            : now;
    }

    private static bool IsOut(InsideCluster view) => view.Gossip.Find(view.Self)?.Stage.IsAlive() != true;

    private static bool PictureChanged(Gossip before, Gossip after, string role)
    {
        var (voters, cuts) = KeepMajority.Picture(before, role);
        var (newVoters, newCuts) = KeepMajority.Picture(after, role);
        return !voters.SetEquals(newVoters) || !cuts.SetEquals(newCuts);
    }

    private static EntryChanged Downed(MemberEntry entry) => new(entry with { Stage = MemberStage.Down });

    private static MembershipDecision Event(MembershipEvent happened) => new([happened], []);

    private static MembershipDecision Events(params IEnumerable<MembershipEvent> events) => new([.. events], []);
}
