namespace Akka.Cluster.Membership;

/// <summary>What the leader does once all members have seen the same state.</summary>
internal static class LeaderActions
{
    /// <summary>
    /// The changes that are due: Joining to Up in address order with the next numbers, Leaving to Exiting,
    /// removal of members that confirmed their exit or are down. Empty unless this node leads, the members converge, and
    /// the living are a majority if others were condemned.
    /// </summary>
    public static IEnumerable<MembershipEvent> Due(InsideCluster view, MembershipEnvironment environment)
    {
        if (!view.Self.Equals(Convergence.Leader(view.Gossip, view.Self))
            || !Convergence.IsReached(view)
            || !KeepMajority.IsHeldByLiving(view.Gossip, environment.Settings.MajorityRole))
        {
            return [];
        }

        var members = view.Gossip.Members.Values;
        var promote = EnoughMembers(view.Gossip, environment.Settings);
        var upNumber = members.Where(m => m.UpNumber != MemberEntry.NotUp).Select(m => m.UpNumber).DefaultIfEmpty(0).Max();
        var events = new List<MembershipEvent>();
        foreach (var entry in members)
        {
            switch (entry.Stage)
            {
                case MemberStage.Joining when promote:
                    upNumber++;
                    events.Add(new EntryChanged(entry with { Stage = MemberStage.Up, UpNumber = upNumber }));
                    break;
                case MemberStage.Leaving:
                    events.Add(new EntryChanged(entry with { Stage = MemberStage.Exiting }));
                    break;
                case MemberStage.ExitConfirmed or MemberStage.Condemned or MemberStage.Down:
                    events.Add(new NodeRemoved(
                        entry.Node, new Tombstone(environment.UnixMs, HasLeft: entry.Stage == MemberStage.ExitConfirmed)));
                    break;
            }
        }

        return events;
    }

    private static bool EnoughMembers(Gossip gossip, MembershipSettings settings)
    {
        var candidates = gossip.Members.Values.Where(m => m.Stage is MemberStage.Joining or MemberStage.Up).ToList();
        return candidates.Count >= settings.MinMembers
            && settings.MinMembersOfRole.All(r => candidates.Count(m => m.Roles.Contains(r.Key)) >= r.Value);
    }
}
