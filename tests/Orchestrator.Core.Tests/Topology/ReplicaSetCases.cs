using System.Globalization;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Tests.Support;
using Orchestrator.Core.Topology;

namespace Orchestrator.Core.Tests.Topology;

/// <summary>
/// Reads the replica-set machine's scenarios for node-1 to node-3. <c>assess +S</c> lets S seconds pass; its input lines
/// are what is heard then: <c>NODE [role] [state] [term=N] [promised=N] [lag=N] [address=URL] [POSITION...]</c>, a position
/// being <c>collection@term:sequence</c>. <c>stopped-before</c> answers the step-down before the last one; <c>reign N</c> is a new supervisor, which knows what was stored.
/// </summary>
internal sealed class ReplicaSetCases
{
    private readonly Dictionary<string, MemberSighting> _sightings = [];
    private readonly List<DurableReplicaSetEvent> _journal = [];
    private readonly List<long> _stepDowns = [];
    private DateTimeOffset _now = Some.Noon;
    private DateTimeOffset _reignStartedAt = Some.Noon;
    private long _epoch = 1;
    private ReplicaSetState _state = ReplicaSetState.Initial(Some.ThreeMembers);

    public string Execute(string command, IReadOnlyList<string> input)
    {
        var words = command.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (words[^1][0] == '+')
        {
            _now += TimeSpan.FromSeconds(double.Parse(words[^1], CultureInfo.InvariantCulture));
            words = words[..^1];
        }

        foreach (var line in input.Where(line => line.Length > 0))
        {
            Hear(line.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        }

        return words[0] switch
        {
            "assess" => Decide(new AssessReplicaSet(Sightings)),
            "promised" => Decide(new ReceivePromise(
                new TermPromised(words[1], Some.Address(words[1]), Number(words[2]), words.Skip(3).Select(Position).ToList()), Sightings)),
            "stopped" => Stopped(words, _stepDowns[^1]),
            "stopped-before" => Stopped(words, _stepDowns[^2]),
            "followed" => Decide(new ReceiveFollowed(new AppointmentFollowed(words[1], Number(words[2])))),
            "refused" => Decide(new ReceiveRefusal(new CommandRefused(
                words[1], Enum.Parse<RefusalCode>(words[2]), string.Join(' ', words[4..]), _epoch, Number(words[3])))),
            "step-down" => Decide(new StepDownPrimary(
                new RequestStepDown(Some.Cluster, Some.Set, words[1], words.Length > 2 ? words[2] : ""), Sightings)),
            "reign" => Reign(Number(words[1])),
            _ => throw new FormatException($"unknown command '{words[0]}'"),
        };
    }

    private string Stopped(string[] words, long stepDown) => Decide(new ReceiveWritesStopped(
        new WritesStopped(words[1], Number(words[2]), words.Skip(3).Select(Position).ToList(), stepDown), Sightings));

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);

    private static FeedPosition Position(string text)
    {
        var parts = text.Split('@', ':');
        return new FeedPosition(
            parts[0] == FeedPosition.CatalogCollection ? FeedPosition.CatalogDatabase : "app", parts[0], Number(parts[1]), Number(parts[2]));
    }

    private IReadOnlyList<MemberSighting> Sightings => [.. _sightings.Values];

    private void Hear(string[] words)
    {
        var seen = Some.Observation(words[0], term: 0);
        foreach (var word in words.Skip(1))
        {
            var pair = word.Split('=', 2);
            seen = pair[0] switch
            {
                "term" => seen with { Term = Number(pair[1]), PromisedTerm = Math.Max(seen.PromisedTerm, Number(pair[1])) },
                "promised" => seen with { PromisedTerm = Number(pair[1]) },
                "lag" => seen with { Lag = new ReplicationLag(Number(pair[1]), 0) },
                "address" => seen with { Address = pair[1] },
                _ when word.Contains('@', StringComparison.Ordinal) => seen with { Positions = [.. seen.Positions, Position(word)] },
                _ when Enum.TryParse<MemberRole>(word, true, out var role) => seen with { Role = role },
                _ => seen with { State = Enum.Parse<NodeState>(word, true) },
            };
        }

        _sightings[words[0]] = new MemberSighting(seen, _now);
    }

    private string Reign(long epoch)
    {
        (_epoch, _reignStartedAt) = (epoch, _now);
        _sightings.Clear();
        _state = _journal.Aggregate(ReplicaSetState.Initial(Some.ThreeMembers), ReplicaSetDecider.Apply);
        return StateText();
    }

    private string Decide(ReplicaSetCommand command)
    {
        var before = _state;
        var decision = ReplicaSetDecider.Decide(
            _state, command, new ReplicaSetEnvironment(_epoch, _now, _reignStartedAt, ReplicaSetPolicy.Default));
        _state = decision.Events.Aggregate(_state, ReplicaSetDecider.Apply);
        _stepDowns.AddRange(decision.Events.OfType<StepDownStarted>().Select(_ => ((StoppingWrites)_state).Number));
        _journal.AddRange(decision.Events.OfType<DurableReplicaSetEvent>());
        var lines = decision.Events.Select(Text).Concat(decision.Effects.Select(Text));
        if (decision.Reply is ReplicaSetReply.Refused refused)
        {
            lines = lines.Append($"<- {refused.Failure.Code}: {refused.Failure.Message}");
        }

        return string.Join("\n", before == _state ? lines : lines.Append(StateText())) is { Length: > 0 } text ? text : "nothing";
    }

    private static string Text(ReplicaSetEvent @event) => @event switch
    {
        TermRequested e => $"term-requested {e.Term} in epoch {e.Epoch}: {e.Reason}",
        PrimaryAppointed e => $"primary-appointed {Text(e.Appointment)}",
        StepDownStarted e => $"step-down-started {e.From} -> {e.To} in term {e.Term}",
        StepDownAbandoned e => $"step-down-abandoned: {e.Reason}",
        PromiseReceived e => $"(promise received from {e.Promise.Node})",
        FinalPositionsKnown e => $"(final positions known: {string.Join(", ", e.Positions.Select(Text))})",
        AppointmentConfirmed e => $"(appointment of term {e.Term} confirmed)",
        _ => throw new InvalidOperationException(@event.GetType().Name),
    };

    private static string Text(ReplicaSetEffect effect) => effect switch
    {
        SendPromise e => $"=> {e.Node} promise {e.Term}",
        SendStopWrites e => $"=> {e.Node} stop writes of {e.Term} for {e.AtMost.TotalSeconds} s",
        SendResumeWrites e => $"=> {e.Node} resume writes of {e.Term}",
        SendAppointment e => $"=> {string.Join(", ", e.Nodes)} follow {e.Appointment.Primary} in term {e.Appointment.Term}",
        ObserveMember e => $"=> {e.Node} observe",
        ReplyStepDown { Answer: StepDownAnswer.Completed c } => $"<- stepped down: {c.Message.OldPrimary} -> {c.Message.NewPrimary} in term {c.Message.Term}",
        ReplyStepDown { Answer: StepDownAnswer.Failed f } => $"<- {f.Message.Code}: {f.Message.Message}",
        _ => throw new InvalidOperationException(effect.GetType().Name),
    };

    private static string Text(Appointment appointment) => appointment.CatchUp.Count == 0
        ? $"{appointment.Primary} in term {appointment.Term}"
        : $"{appointment.Primary} in term {appointment.Term}, catches up "
            + string.Join(", ", appointment.CatchUp.Select(source => $"{Text(source.Position)} from {source.Node}"));

    private static string Text(FeedPosition position) => $"{position.Collection}@{position.Term}:{position.Sequence}";

    private string StateText() => $"{_state.GetType().Name} term={_state.Term} primary={_state.Primary} highest={_state.HighestTerm}";
}
