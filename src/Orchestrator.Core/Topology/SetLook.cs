using Orchestrator.Core.Nodes;

namespace Orchestrator.Core.Topology;

/// <summary>One replica set's members as the supervisor last heard of them, with the questions that its rules ask.</summary>
internal sealed class SetLook
{
    private readonly ReplicaSetDefinition _definition;
    private readonly Dictionary<string, MemberSighting> _sightings;

    public SetLook(ReplicaSetDefinition definition, IReadOnlyList<MemberSighting> members, ReplicaSetEnvironment environment)
    {
        _definition = definition;
        Environment = environment;
        _sightings = members
            .Where(member => definition.Members.Contains(member.Observation.Node))
            .ToDictionary(member => member.Observation.Node);
        Reachable = definition.Members.Where(node => Seen(node) is not null).ToList();
        HighestObservedTerm = _sightings.Values
            .Select(sighting => Math.Max(sighting.Observation.PromisedTerm, sighting.Observation.Term))
            .DefaultIfEmpty(0)
            .Max();
        Failed = Reachable.Where(node => Seen(node)!.State == NodeState.Failed).ToHashSet();
    }

    public ReplicaSetEnvironment Environment { get; }

    public ReplicaSetPolicy Policy => Environment.Policy;

    public DateTimeOffset Now => Environment.Now;

    /// <summary>Members heard of lately, in configured order.</summary>
    public IReadOnlyList<string> Reachable { get; }

    public bool HasMajority => Reachable.Count >= _definition.Majority;

    /// <summary>The highest term that any member was ever seen to have promised.</summary>
    public long HighestObservedTerm { get; }

    /// <summary>Reachable members that report that they cannot serve.</summary>
    public IReadOnlySet<string> Failed { get; }

    /// <summary>
    /// How long a primary may hold writes back by itself: longer than the supervisor waits, so that it does not begin
    /// to write again while a successor is being appointed.
    /// </summary>
    public TimeSpan HaltTime => Policy.StepDownTimeout + Policy.PromiseTimeout + Policy.PromiseTimeout;

    /// <summary>The observation of a reachable member, or null.</summary>
    public NodeObservation? Seen(string node) =>
        _sightings.TryGetValue(node, out var sighting) && Now - sighting.HeardAt <= Policy.UnreachableAfter
            ? sighting.Observation
            : null;

    /// <summary>Whether a member was heard of at a time or later.</summary>
    public bool HeardSince(string node, DateTimeOffset time) => _sightings.TryGetValue(node, out var sighting) && sighting.HeardAt >= time;

    /// <summary>Whether the appointed primary shows that it acts by its appointment.</summary>
    public bool ActsBy(Appointment appointment) =>
        Seen(appointment.Primary) is { } primary && primary.Term == appointment.Term && primary.Role == MemberRole.Primary;

    /// <summary>Whether a member has not yet followed an appointment that it can follow.</summary>
    public bool IsBehind(string node, Appointment appointment) =>
        Seen(node) is { } seen && seen.Term < appointment.Term && seen.PromisedTerm <= appointment.Term;

    /// <summary>Why the set needs another appointment; empty if it does not.</summary>
    /// <param name="since">Observations received before this say nothing about the appointment.</param>
    public string TroubleWith(Appointment appointment, DateTimeOffset since)
    {
        var known = _sightings.TryGetValue(appointment.Primary, out var sighting);
        var silent = Now - (known ? Later(sighting!.HeardAt, since) : Later(Environment.ReignStartedAt, since));
        if (silent > Policy.FailoverGrace)
        {
            return $"the primary {appointment.Primary} has not answered for {silent.TotalSeconds:0.#} s";
        }

        var ahead = Reachable.FirstOrDefault(node =>
            _sightings[node].HeardAt > since && _sightings[node].Observation.PromisedTerm > appointment.Term);
        if (ahead is not null)
        {
            return $"{ahead} has promised term {_sightings[ahead].Observation.PromisedTerm} and confirms nothing in term {appointment.Term}";
        }

        return known && sighting!.HeardAt > since && Seen(appointment.Primary) is { } primary
            ? TroubleSeen(primary, appointment, since)
            : "";
    }

    /// <summary>Why an appointee that answers is given up; empty if it is not.</summary>
    /// <param name="since">When it was appointed.</param>
    public string TroubleAnnouncing(Appointment appointment, DateTimeOffset since)
    {
        var waited = Now - Later(Environment.ReignStartedAt, since);
        return waited > Policy.FailoverGrace && !ActsBy(appointment)
            ? $"{appointment.Primary} has not accepted its appointment for {waited.TotalSeconds:0.#} s"
            : "";
    }

    /// <summary>The member that takes over in a step-down, or why there is none.</summary>
    /// <param name="wanted">Empty for the most caught-up one.</param>
    public string Successor(Appointment appointment, string wanted, out RequestFailed? refusal)
    {
        refusal = null;
        if (!HasMajority)
        {
            refusal = new RequestFailed(FailureCode.Unavailable,
                $"only {Reachable.Count} of {_definition.Members.Count} members of {_definition.Name} are reachable; a new term needs {_definition.Majority}", "");
            return "";
        }

        if (wanted.Length > 0)
        {
            var obstacle = Obstacle(wanted, appointment);
            refusal = obstacle.Length == 0 ? null : new RequestFailed(FailureCode.Refused, $"{wanted} cannot take over: it {obstacle}", "");
            return wanted;
        }

        var fit = _definition.Members
            .Where(node => node != appointment.Primary && Obstacle(node, appointment).Length == 0)
            .OrderBy(node => Seen(node)!.Lag.Changes)
            .ThenBy(node => Seen(node)!.Lag.Seconds)
            .FirstOrDefault();
        if (fit is null)
        {
            var obstacles = _definition.Members
                .Where(node => node != appointment.Primary)
                .Select(node => $"{node} {Obstacle(node, appointment)}");
            refusal = new RequestFailed(FailureCode.Refused,
                _definition.Members.Count == 1
                    ? $"{appointment.Primary} is the only member of {_definition.Name}"
                    : $"no member can take over from {appointment.Primary}: {string.Join(", ", obstacles)}", "");
        }

        return fit ?? "";
    }

    private static DateTimeOffset Later(DateTimeOffset one, DateTimeOffset other) => one > other ? one : other;

    private bool SilentTooLong(string node) =>
        Now - (_sightings.TryGetValue(node, out var sighting) ? sighting.HeardAt : Environment.ReignStartedAt) > Policy.FailoverGrace;

    private string Obstacle(string node, Appointment appointment)
    {
        if (Seen(node) is not { } seen)
        {
            return "is unreachable";
        }

        if (seen.State != NodeState.Online)
        {
            return $"is {seen.State.ToText()}";
        }

        return seen.Term == appointment.Term && seen.PromisedTerm == appointment.Term && seen.Role == MemberRole.Secondary
            ? ""
            : $"does not follow term {appointment.Term}";
    }

    private string TroubleSeen(NodeObservation primary, Appointment appointment, DateTimeOffset since)
    {
        if (primary.PromisedTerm < appointment.Term)
        {
            return $"the primary {primary.Node} no longer knows term {appointment.Term}: it has lost its files";
        }

        if (primary.Term == appointment.Term && primary.Role != MemberRole.Primary)
        {
            return $"{primary.Node} does not act as primary of term {appointment.Term}{Because(primary)}";
        }

        if (primary.Address != appointment.PrimaryAddress)
        {
            return $"the primary {primary.Node} has moved from {appointment.PrimaryAddress} to {primary.Address}";
        }

        if (primary.State == NodeState.Recovering)
        {
            foreach (var source in appointment.CatchUp)
            {
                if (TroubleWithSource(source, since) is { Length: > 0 } trouble)
                {
                    return $"the primary {primary.Node} cannot catch up from {source.Node}, which {trouble}";
                }
            }
        }

        return primary.State == NodeState.Failed ? $"the primary {primary.Node} has failed{Because(primary)}" : "";
    }

    /// <summary>
    /// A source that no longer has what it had when it promised has lost its files, or opens them yet: for the latter it is
    /// given the failover grace.
    /// </summary>
    private string TroubleWithSource(CatchUpSource source, DateTimeOffset since)
    {
        if (SilentTooLong(source.Node))
        {
            return "is unreachable";
        }

        if (Seen(source.Node) is not { } seen || _sightings[source.Node].HeardAt <= since)
        {
            return "";
        }

        if (seen.State == NodeState.Failed)
        {
            return $"has failed{Because(seen)}";
        }

        return Now - Later(Environment.ReignStartedAt, since) > Policy.FailoverGrace && !MemberDecider.Reaches(seen.Positions, [source.Position])
            ? $"no longer has {source.Position.Database}/{source.Position.Collection} through {source.Position.Sequence} of term {source.Position.Term}"
            : "";
    }

    private static string Because(NodeObservation seen) => seen.Reason.Length == 0 ? "" : $": it {seen.Reason}";
}
