using System.Collections.Immutable;
using System.Globalization;
using Orchestrator.Core.Engines;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Operations;
using Orchestrator.Core.Planning;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Tests.Support;
using Orchestrator.Core.Topology;
using Orchestrator.Core.Windows;

namespace Orchestrator.Core.Tests.Runs;

/// <summary>
/// Reads the run machine's scenarios. <c>cluster NODE...</c> sets up healthy members, the first one primary, each with
/// 100 bytes in <c>app/orders</c> of which 60 can be freed; <c>create</c> plans and creates the run; <c>assess +S</c>
/// lets S seconds pass, changes observations as its input lines say, and assesses. <c>shards COUNT NODE...</c> sets up as many replica sets
/// instead, all of the same members without primaries. Every event, effect and reply is printed.
/// </summary>
internal sealed class RunCases
{
    private const string RunId = "r1";

    private readonly List<RunEvent> _history = [];
    private readonly Dictionary<string, MemberSnapshot> _members = [];
    private EngineCapabilities _capabilities = Some.Capabilities;
    private List<string> _nodes = [];
    private IReadOnlyList<ReplicaSetDefinition>? _sets;
    private RunGate _gate = RunGate.Open;
    private DateTimeOffset _now = Some.Noon;
    private RunState _state = RunState.Initial;

    public IReadOnlyList<RunEvent> History => _history;

    public RunState State => _state;

    public string Execute(string command, IReadOnlyList<string> input)
    {
        var words = command.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (words[^1][0] == '+')
        {
            _now += TimeSpan.FromSeconds(double.Parse(words[^1], CultureInfo.InvariantCulture));
            words = words[..^1];
        }

        var before = input.Where(line => line.Length > 0).Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)).ToList();
        before.ForEach(Observe);
        return words[0] switch
        {
            "cluster" => SetUp(words[1..]),
            "shards" => SetUpShards(Int(words[1]), words[2..]),
            "create" => Create(words[1..]),
            "assess" => Decide(new AssessRun(Snapshot(), _gate, _now)),
            "twice" => Decide(new AssessRun(Snapshot(), _gate, _now)) + Decide(new AssessRun(Snapshot(), _gate, _now)),
            "record" => Decide(new RecordNodeState(
                new NodeStateChanged(Some.Cluster, words[4], words[1], StateOf(words[2]), StateOf(words[3]), "", _now), _now)),
            "reports" => Decide(new ReportCompaction(Status(words[1], words[2..]), _now)),
            "refuses" => Decide(new ReportRefusal(Ticket(words[1]), new CommandRefused(
                words[2], Enum.Parse<RefusalCode>(words[3]), string.Join(' ', words[4..]), 1, 1), _now)),
            "verified" => Decide(new ReportVerification(
                Ticket(words[1]).Step,
                Ticket(words[1]).Attempt,
                new VerificationOutcome(Enum.Parse<VerificationResult>(words[2], true), string.Join(' ', words[3..])),
                _now)),
            "stepped-down" => Decide(new ReportStepDown(Int(words[1]), Int(words[2]), new StepDownCompleted(Some.Set, words[3], words[4], 2), _now)),
            "not-stepped-down" => Decide(new ReportStepDownFailure(
                Int(words[1]), Int(words[2]), new RequestFailed(FailureCode.Unavailable, string.Join(' ', words[3..]), ""), _now)),
            "pause" => Control(new PauseRun(RunId, words[1], string.Join(' ', words[2..]))),
            "resume" => Control(new ResumeRun(RunId, words[1])),
            "cancel" => Control(new CancelRun(RunId, words[1], string.Join(' ', words[2..]))),
            "approve" => Control(new ApproveRun(RunId, words[1])),
            "throttle" => Control(new ThrottleRun(RunId, words[1], Int(words[2]))),
            "view" => RunText.Of(RunProjection.View((ExistingRun)_state, _members.Values.SelectMany(member => member.Observation.Compactions))),
            _ => throw new FormatException($"unknown command '{words[0]}'"),
        };
    }

    private string Control(IRunControl order) => Decide(new ControlRun(order, _now) { Snapshot = Snapshot() });

    private static int Int(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    private static NodeState StateOf(string text) => Enum.Parse<NodeState>(text.Replace("-", "", StringComparison.Ordinal), true);

    private static CompactionTicket Ticket(string text)
    {
        var parts = text.Split('/');
        return new CompactionTicket(RunId, Int(parts[0]), Int(parts[1]));
    }

    private static CompactionStatus Status(string ticket, string[] words) => words[0] switch
    {
        "running" => new CompactionRunning(Ticket(ticket), new CompactionProgress(
            "app/orders", "copy", double.Parse(words[1], CultureInfo.InvariantCulture), 0, 1, 10, 10))
        {
            Job = words.Length > 2 ? new JobId(words[2]) : null,
        },
        "succeeded" => new CompactionSucceeded(Ticket(ticket), Done) { Judged = string.Join(' ', words[1..]) },
        "denied" => new CompactionFailed(Ticket(ticket), string.Join(' ', words[1..]), []) { IsPermanent = true },
        "failed" => new CompactionFailed(Ticket(ticket), string.Join(' ', words[1..]), []),
        "paused" => new CompactionPaused(Ticket(ticket), words.Contains("done") ? Done : [], new CompactionProgress(
            "app/orders", "copy", double.Parse(words[1], CultureInfo.InvariantCulture), 0, 1, 10, 0)),
        "half" => new CompactionFailed(Ticket(ticket), string.Join(' ', words[1..]), Done),
        _ => throw new FormatException(words[0]),
    };

    private static IReadOnlyList<UnitCompacted> Done =>
        [new UnitCompacted(new DocumentsUnit("app", "orders"), 100, 40, 5, 0, TimeSpan.FromSeconds(2), TimeSpan.Zero)];

    private string SetUp(string[] nodes)
    {
        foreach (var node in nodes.Where(node => node.StartsWith("node-", StringComparison.Ordinal)))
        {
            var role = _nodes.Count == 0 ? MemberRole.Primary : MemberRole.Secondary;
            _nodes.Add(node);
            _members[node] = new MemberSnapshot(Some.Observation(node, role), [Some.Documents("app", "orders", 100, 60)]);
        }

        if (nodes.Contains("indexed"))
        {
            foreach (var node in _nodes)
            {
                var units = _members[node].Units.Append(Some.Index("app", "orders", "by-city", 1000, 500) with { Duration = TimeSpan.FromMinutes(10) });
                _members[node] = _members[node] with { Units = [.. units] };
            }
        }

        if (nodes.Contains("unpausable"))
        {
            _capabilities = _capabilities with { CanPause = false };
        }

        if (nodes.Contains("unestimating"))
        {
            _capabilities = _capabilities with { EstimatesWithoutCompacting = false };
        }

        if (nodes.Contains("uncancellable"))
        {
            _capabilities = _capabilities with { CanPause = false, CanCancel = false };
        }

        if (nodes.Contains("knows-no-tickets"))
        {
            _capabilities = _capabilities with { KnowsTickets = false, CanThrottle = false, CanPause = false };
        }

        var availability = nodes.FirstOrDefault(node => node.StartsWith("availability=", StringComparison.Ordinal));
        if (availability is not null)
        {
            _capabilities = _capabilities with { Availability = Enum.Parse<CompactionAvailability>(availability.Split('=')[1], true) };
        }

        return $"{_nodes[0]} is primary";
    }

    private string SetUpShards(int count, string[] nodes)
    {
        _nodes = [.. nodes];
        _sets = [.. Enumerable.Range(1, count).Select(number => new ReplicaSetDefinition($"app@{number}", nodes))];
        _capabilities = _capabilities with
        {
            HasPrimary = false,
            Reach = CompactionReach.ReplicaSet,
            MustStay = StayingMembers.One,
            Options = [.. _capabilities.Options, new(OptionCheck.MaxJobsPerMember, EngineOptionKind.Integer, "") { Least = 1, Most = 16 }],
        };
        foreach (var node in nodes)
        {
            _members[node] = new MemberSnapshot(
                Some.Observation(node, replicaSet: _sets[0].Name),
                [.. _sets.Select((set, index) => Some.Estimate(new ShardUnit("app", $"{index + 1}"), 100, 60) with { ReplicaSet = set.Name })]);
        }

        return $"{string.Join(", ", nodes)} have copies of {string.Join(", ", _sets.Select(set => set.Name))}";
    }

    private string Create(string[] options)
    {
        var request = Some.Request(CompactionOptions.Default with
        {
            Force = options.Contains("force"),
            Verify = options.Contains("verify"),
            GiveBackPrimary = options.Contains("giveback"),
            MaxParallelReplicaSets = Int(Value("parallel") ?? "1"),
            EngineOptions = Value("per-member") is { } most ? OptionValues.None.With(OptionCheck.MaxJobsPerMember, Int(most)) : OptionValues.None,
            OnFailure = options.Contains("skip-member") ? FailurePolicy.SkipMember
                : options.Contains("continue") ? FailurePolicy.Continue : FailurePolicy.Stop,
        });
        var plan = ((PlanResult.Planned)Planner.Plan(Snapshot(), request, CompactionPolicy.Default)).Plan;
        return Decide(new CreateRun(Value("id") ?? RunId, plan, _now)
        {
            Origin = new RunOrigin("anna", "", "", options.Contains("needs-approval")),
        });

        string? Value(string name) => options.FirstOrDefault(option => option.StartsWith(name + "=", StringComparison.Ordinal))?[(name.Length + 1)..];
    }

    private string Decide(RunCommand command)
    {
        var decision = RunDecider.Decide(_state, command, CompactionPolicy.Default);
        foreach (var @event in decision.Events)
        {
            _state = RunDecider.Apply(_state, @event);
            _history.Add(@event);
        }

        var lines = decision.Events.Select(RunText.Of)
            .Concat(decision.Effects.Select(RunText.Of))
            .Append(RunText.Of(decision.Reply))
            .Where(line => line.Length > 0)
            .ToList();
        return (lines.Count == 0 ? "nothing" : string.Join("\n", lines)) + "\n";
    }

    /// <summary><c>gate open</c>, <c>gate open until S</c>, <c>gate closed [suspend]</c> <c>gate frozen WHY</c> or <c>gate held OWNER [NODE]</c>.</summary>
    private void Gate(string[] words)
    {
        var onClose = words[^1] == "suspend" ? WindowCloseRule.Suspend : WindowCloseRule.Finish;
        var closes = words.Length > 2 && words[1] == "until" ? Some.At(Int(words[2])) : (DateTimeOffset?)null;
        _gate = words[0] switch
        {
            "open" => new RunGate(new WindowStatus(true, "the night is open", closes, null, onClose), ""),
            "closed" => new RunGate(new WindowStatus(false, "the night is closed", null, Some.At(10_000), onClose), ""),
            "frozen" => RunGate.Open with { Frozen = string.Join(' ', words[1..]) },
            "held" => RunGate.Open with { Holds = [new Hold(Some.Cluster, words[1], "a restart", words[2..], "ann", _now, Some.At(600))] },
            _ => throw new FormatException(words[0]),
        };
    }

    private void Observe(string[] words)
    {
        if (words[0] == "gate")
        {
            Gate(words[1..]);
            return;
        }

        var member = _members[words[0]];
        var seen = member.Observation;
        switch (words[1])
        {
            case "state":
                seen = seen with { State = StateOf(words[2]), Compactions = words[2] == "unreachable" ? [] : seen.Compactions };
                break;
            case "role":
                seen = seen with { Role = Enum.Parse<MemberRole>(words[2], true) };
                break;
            case "term":
                seen = seen with { Term = Int(words[2]), PromisedTerm = Int(words[2]) };
                break;
            case "lag":
                seen = seen with { Lag = new ReplicationLag(Int(words[2]), 0) };
                break;
            case "disk":
                seen = seen with { Disk = words[2] == "unseen" ? DiskSpace.Unseen : new DiskSpace(Int(words[2]), 1000) };
                break;
            case "backup":
                seen = seen with { BackupRunning = words[2] switch { "on" => true, "off" => false, _ => null } };
                break;
            case "cannot-pause":
                member = member with { Capabilities = (member.Capabilities ?? _capabilities) with { CanPause = false } };
                break;
            case "serves":
                member = member with { Capabilities = (member.Capabilities ?? _capabilities) with { Availability = Enum.Parse<CompactionAvailability>(words[2], true), ModeCosts = [] } };
                break;
            case "forgets":
                seen = seen with { Compactions = [] };
                break;
            case "hides":
                seen = seen with { Compactions = [], HiddenCompactions = [Ticket(words[2])] };
                break;
            case "heard":
                member = member with { HeardAt = _now - TimeSpan.FromSeconds(Int(words[2])) };
                break;
            case "measured":
                member = member with { MeasuredAt = _now - TimeSpan.FromSeconds(Int(words[2])) };
                break;
            case "units":
                member = member with { Units = [Some.Documents("app", "orders", Int(words[2]), Int(words[3]))] };
                break;
            case "also":
                seen = seen with { Compactions = [.. seen.Compactions, Status(words[2], words[3..])] };
                break;
            default:
                seen = seen with { Compactions = [Status(words[1], words[2..])] };
                break;
        }

        _members[words[0]] = member with { Observation = seen };
    }

    private ClusterSnapshot Snapshot() => Snapshot(_members.Values, _now);

    /// <summary>The cluster as it is set up, of which only these members were heard.</summary>
    public ClusterSnapshot Snapshot(IEnumerable<MemberSnapshot> members, DateTimeOffset at)
    {
        var snapshot = Some.Snapshot(new ReplicaSetDefinition(Some.Set, _nodes), members, at) with { Capabilities = _capabilities };
        return _sets is null ? snapshot : snapshot with { Definition = snapshot.Definition with { ReplicaSets = _sets } };
    }
}
