using System.Globalization;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Tests.Support;
using Orchestrator.Core.Topology;

namespace Orchestrator.Core.Tests.Nodes;

/// <summary>
/// Reads the member machine's scenarios. Commands take <c>key=value</c>; positions are <c>collection@term:sequence</c>,
/// sources <c>collection@term:sequence@node</c>; <c>named</c> says which collections the catalog names, and as of where; <c>+S</c> at the end lets S seconds pass first.
/// </summary>
internal sealed class MemberCases
{
    private static readonly IReadOnlyList<string> Members = ["node-1", "node-2", "node-3"];

    private readonly Dictionary<string, DateTimeOffset> _contacts = [];
    private DateTimeOffset _now = Some.Noon;
    private MemberRecord _disk = MemberRecord.Fresh;
    private IReadOnlyList<FeedPosition> _positions = [];
    private NamedCollections _named = NamedCollections.Unknown;
    private MemberState _state = MemberDecider.Start("node-1", Some.Set, MemberRecord.Fresh);

    public string Execute(string command, IReadOnlyList<string> input)
    {
        Assert.Empty(input);
        var words = command.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (words[^1][0] == '+')
        {
            _now += TimeSpan.FromSeconds(double.Parse(words[^1], CultureInfo.InvariantCulture));
            words = words[..^1];
        }

        var arguments = words.Skip(1).Where(word => word.Contains('=', StringComparison.Ordinal))
            .Select(word => word.Split('=', 2)).ToDictionary(pair => pair[0], pair => pair[1]);
        var epoch = Number("epoch", 1);
        var term = Number("term", 0);
        var set = arguments.GetValueOrDefault("set", Some.Set);
        return words[0] switch
        {
            "promise" => Handle(new PromiseTerm(epoch, set, term)),
            "follow" => Handle(new FollowAppointment(epoch, set, Appointment(term, arguments))),
            "stop-writes" => Handle(new StopWrites(epoch, set, term, TimeSpan.FromSeconds(10))),
            "resume-writes" => Handle(new ResumeWrites(epoch, set, term)),
            "observe" => Handle(new ObserveNode(epoch)),
            "assess" => Decide(new AssessMember()),
            "hear" => Decide(new HearOfTerm(words[1], term)),
            "resign" => Decide(new Resign("has lost changes")),
            "positions" => Have(words.Skip(1)),
            "named" => Name(words[1], words.Skip(2)),
            "contact" => Contact(words.Skip(1)),
            "writes" => Writes(),
            "reads" => MemberServing.ServesReads(_state, _contacts, _now, TimeSpan.FromSeconds(5)) ? "served" : "refused",
            "restart" => Restart(),
            _ => throw new FormatException($"unknown command '{words[0]}'"),
        };

        long Number(string key, long otherwise) =>
            arguments.TryGetValue(key, out var text) ? long.Parse(text, CultureInfo.InvariantCulture) : otherwise;
    }

    private static Appointment Appointment(long term, Dictionary<string, string> arguments)
    {
        var primary = arguments["primary"];
        var sources = arguments.TryGetValue("catchup", out var text) ? text.Split(',') : [];
        return new Appointment(
            term,
            primary,
            arguments.GetValueOrDefault("address", Some.Address(primary)),
            arguments.TryGetValue("members", out var members) ? members.Split(',') : Members,
            sources.Select(source => source.Split('@')).Select(parts => new CatchUpSource(
                Position($"{parts[0]}@{parts[1]}"), parts[2], Some.Address(parts[2]))).ToList());
    }

    private static FeedPosition Position(string text)
    {
        var parts = text.Split('@', ':');
        return new FeedPosition(
            parts[0] == FeedPosition.CatalogCollection ? FeedPosition.CatalogDatabase : "app", parts[0], long.Parse(parts[1], CultureInfo.InvariantCulture), long.Parse(parts[2], CultureInfo.InvariantCulture));
    }

    private string Handle(INodeCommand command) => Decide(new HandleNodeCommand(command));

    private string Have(IEnumerable<string> positions)
    {
        _positions = positions.Select(Position).ToList();
        return "ok";
    }

    private string Name(string asOf, IEnumerable<string> collections)
    {
        _named = new NamedCollections(Position(asOf), collections.Select(name => ("app", name)).ToHashSet());
        return "ok";
    }

    private string Contact(IEnumerable<string> nodes)
    {
        foreach (var node in nodes)
        {
            _contacts[node] = _now;
        }

        return "ok";
    }

    private string Writes() => MemberServing.Writes(_state, _contacts, _now, TimeSpan.FromSeconds(5)) switch
    {
        WritePermission.Granted granted => $"granted in term {granted.Term}",
        WritePermission.Withheld withheld => $"withheld: {withheld.Reason}",
        WritePermission.Elsewhere { Primary: "" } => "nowhere",
        WritePermission.Elsewhere elsewhere => $"at {elsewhere.Primary} {elsewhere.PrimaryAddress}",
        var other => throw new InvalidOperationException(other.ToString()),
    };

    private string Restart()
    {
        _state = MemberDecider.Start("node-1", Some.Set, _disk);
        return StateText();
    }

    private string Decide(MemberCommand command)
    {
        var before = _state;
        var decision = MemberDecider.Decide(_state, command, new MemberEnvironment(_now, _positions) { Named = _named });
        _state = decision.Events.Aggregate(_state, MemberDecider.Apply);
        if (decision.Events.Any(@event => @event is AppointmentAccepted))
        {
            _contacts.Clear();
        }

        if (decision.Events.Any(@event => @event is DurableMemberEvent))
        {
            _disk = _state.Record;
        }

        var lines = decision.Events.Select(Text).Concat(decision.Effects.Select(Text)).Append(Text(decision.Reply)).Where(line => line.Length > 0);
        return string.Join("\n", before == _state ? lines : lines.Append(StateText())) is { Length: > 0 } text ? text : "nothing";
    }

    private static string Text(MemberEvent @event) => @event switch
    {
        EpochSeen e => $"epoch-seen {e.Epoch}",
        PromiseMade e => $"promise-made {e.Term} to epoch {e.Epoch}",
        AppointmentAccepted e => $"appointment-accepted {e.Appointment.Primary} in term {e.Appointment.Term}",
        CatchUpFinished e => $"catch-up-finished {e.Term}",
        WritesHalted e => $"writes-halted {e.Term} until {(e.Until - Some.Noon).TotalSeconds} s",
        WritesReopened e => $"writes-reopened {e.Term}",
        ReignResigned e => $"reign-resigned {e.Term}",
        HigherTermSeen e => $"higher-term-seen {e.Term} at {e.Node}",
        _ => throw new InvalidOperationException(@event.GetType().Name),
    };

    private static string Text(MemberEffect effect) => effect switch
    {
        CloseWrites e => $"=> close writes: {e.Reason}",
        AnswerPromise e => $"=> answer promise of {e.Term}",
        AnswerWritesStopped e => $"=> answer writes stopped in {e.Term}",
        _ => throw new InvalidOperationException(effect.GetType().Name),
    };

    private static string Text(MemberReply reply) => reply switch
    {
        MemberReply.Admitted => "<- admitted",
        MemberReply.Resumed => "<- resumed",
        MemberReply.Followed followed => $"<- followed {followed.Message.Term}",
        MemberReply.Refused refused => $"<- {refused.Message.Code} (epoch {refused.Message.Epoch}, term {refused.Message.Term}): {refused.Message.Reason}",
        _ => "",
    };

    private string StateText()
    {
        var (state, reason) = _state.Condition;
        return $"{_state.GetType().Name} epoch={_state.Epoch} promised={_state.PromisedTerm} term={_state.Term} {_state.Role} {state.ToText()} {reason}".TrimEnd();
    }
}
