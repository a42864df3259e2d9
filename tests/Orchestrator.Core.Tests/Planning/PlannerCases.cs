using System.Globalization;
using System.Text;
using System.Text.Json;
using Orchestrator.Core.Engines;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Planning;
using Orchestrator.Core.Tests.Support;
using Orchestrator.Core.Topology;

namespace Orchestrator.Core.Tests.Planning;

/// <summary>
/// Reads the planner's cases. <c>cluster</c> describes what is observed, <c>plan key=value ...</c> asks for a plan of it.
/// Lines of a cluster: <c>set NAME</c>, <c>NODE [role] [state] [lag=N] [disk=FREE] [like=NODE]
/// [v=VERSION] [modes=A,B] [lacks=OPTION] [serves=AVAILABILITY] [estimates=BOOL]</c>, <c>PATH SIZE free=SIZE [REFUSAL]</c>.
/// </summary>
internal sealed class PlannerCases
{
    private static readonly string[] ListKeys = ["databases", "collections", "nodes", "sets", "indexes"];

    private static readonly string[] OptionKeys = ["options", "rate", "learners", "verify", "parallel"];

    private ClusterSnapshot? _snapshot;

    public string Execute(string command, IReadOnlyList<string> input)
    {
        var words = command.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var arguments = words.Skip(1).Select(word => word.Split('=', 2)).ToDictionary(pair => pair[0], pair => pair.Length > 1 ? pair[1] : "true");
        switch (words[0])
        {
            case "cluster":
                _snapshot = Cluster(arguments, input);
                return $"{_snapshot.Members.Count} members observed";
            case "plan":
                return Print(Planner.Plan(
                    _snapshot!,
                    Request(arguments),
                    CompactionPolicy.Default with { Mode = arguments.GetValueOrDefault("default", "") }));
            default:
                throw new FormatException($"unknown command '{words[0]}'");
        }
    }

    private static ClusterSnapshot Cluster(Dictionary<string, string> arguments, IReadOnlyList<string> input)
    {
        var capabilities = Some.Capabilities with
        {
            Availability = Enum.Parse<CompactionAvailability>(arguments.GetValueOrDefault("availability", "Serving"), true),
            HasPrimary = bool.Parse(arguments.GetValueOrDefault("primary", "true")),
            MustStay = Enum.Parse<StayingMembers>(arguments.GetValueOrDefault("stay", "majority"), true),
            EstimatesWithoutCompacting = bool.Parse(arguments.GetValueOrDefault("estimates", "true")),
        };
        var sets = new List<(string Name, List<string> Nodes)>();
        var members = new List<(NodeObservation Observation, List<UnitEstimate> Units)>();
        foreach (var line in input)
        {
            var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (words[0] == "set")
            {
                sets.Add((words[1], []));
            }
            else if (words[0].AsSpan().ContainsAny('/', '@'))
            {
                members[^1].Units.Add(Unit(words));
            }
            else
            {
                sets[^1].Nodes.Add(words[0]);
                if (!words.Contains("unknown"))
                {
                    members.Add(Member(words, sets[^1].Name, members));
                }
            }
        }

        return new ClusterSnapshot(
            new ClusterDefinition(Some.Cluster, "embedded", sets.Select(set => new ReplicaSetDefinition(set.Name, set.Nodes)).ToList()),
            capabilities,
            members.Select(member => new MemberSnapshot(
                member.Observation, [.. member.Units.Where(unit => !SystemDatabases.Contains(unit.Size.Unit.Database))])
            {
                SystemUnits = [.. member.Units.Where(unit => SystemDatabases.Contains(unit.Size.Unit.Database))],
                Capabilities = member.Observation.Capabilities,
            }).ToList(),
            Some.Noon);
    }

    private static (NodeObservation Observation, List<UnitEstimate> Units) Member(
        string[] words, string set, List<(NodeObservation Observation, List<UnitEstimate> Units)> before)
    {
        var seen = Some.Observation(words[0], replicaSet: set);
        List<UnitEstimate> units = [];
        foreach (var word in words.Skip(1))
        {
            if (Enum.TryParse<MemberRole>(word, true, out var role))
            {
                seen = seen with { Role = role };
            }
            else if (Enum.TryParse<NodeState>(word, true, out var state))
            {
                seen = seen with { State = state };
            }
            else if (word.StartsWith("lag=", StringComparison.Ordinal))
            {
                seen = seen with { Lag = new ReplicationLag(long.Parse(word.AsSpan(4), CultureInfo.InvariantCulture), 1) };
            }
            else if (word.StartsWith("disk=", StringComparison.Ordinal))
            {
                seen = seen with { Disk = seen.Disk with { FreeBytes = Bytes(word[5..]) } };
            }
            else if (word.StartsWith("v=", StringComparison.Ordinal))
            {
                seen = seen with { Version = word[2..] };
            }
            else if (word.StartsWith("modes=", StringComparison.Ordinal))
            {
                seen = Can(seen, can => can with { Modes = word[6..].Split(',') });
            }
            else if (word.StartsWith("lacks=", StringComparison.Ordinal))
            {
                seen = Can(seen, can => can with { Options = [.. can.Options.Where(option => option.Name != word[6..])] });
            }
            else if (word.StartsWith("serves=", StringComparison.Ordinal))
            {
                seen = Can(seen, can => can with { Availability = Enum.Parse<CompactionAvailability>(word[7..], true), ModeCosts = [] });
            }
            else if (word.StartsWith("estimates=", StringComparison.Ordinal))
            {
                seen = Can(seen, can => can with { EstimatesWithoutCompacting = bool.Parse(word[10..]) });
            }
            else if (word.StartsWith("like=", StringComparison.Ordinal))
            {
                units = [.. before.First(member => member.Observation.Node == word[5..]).Units];
            }
            else
            {
                throw new FormatException($"what is '{word}'?");
            }
        }

        return (seen, units);
    }

    private static NodeObservation Can(NodeObservation seen, Func<EngineCapabilities, EngineCapabilities> change) =>
        seen with { Capabilities = change(seen.Capabilities ?? Some.Capabilities) };

    private static UnitEstimate Unit(string[] words)
    {
        var path = words[0].Split('/', '#');
        StorageUnit unit = words[0].Contains('@', StringComparison.Ordinal) ? Shard(words[0])
            : path.Length == 3 ? new IndexUnit(path[0], path[1], path[2]) : new DocumentsUnit(path[0], path[1]);
        return Some.Estimate(unit, Bytes(words[1]), Bytes(words[2].Split('=')[1])) with
        {
            Refusal = string.Join(' ', words[3..]),
        };
    }

    /// <summary><c>DATABASE@RANGE[#VIEW]</c>.</summary>
    private static StorageUnit Shard(string path)
    {
        var parts = path.Split('@', '#');
        return parts.Length == 3 ? new ViewUnit(parts[0], parts[1], parts[2]) : new ShardUnit(parts[0], parts[1]);
    }

    private static long Bytes(string text) => text[^1] switch
    {
        'K' => long.Parse(text.AsSpan(0, text.Length - 1), CultureInfo.InvariantCulture) << 10,
        'M' => long.Parse(text.AsSpan(0, text.Length - 1), CultureInfo.InvariantCulture) << 20,
        _ => long.Parse(text, CultureInfo.InvariantCulture),
    };

    private static CompactionRequest Request(Dictionary<string, string> arguments)
    {
        var unknown = arguments.Keys.Except([.. ListKeys, "cluster", "documents", "mode", "default", "force", "giveback", "minbytes", "minshare", .. OptionKeys]).ToList();
        Assert.Empty(unknown);
        var lists = ListKeys.ToDictionary(key => key, key => arguments.TryGetValue(key, out var value) ? value.Split(',') : []);
        var indexes = arguments.GetValueOrDefault("indexes", "all") switch
        {
            "all" => IndexSelection.All,
            "none" => IndexSelection.None,
            _ => IndexSelection.Named(lists["indexes"]),
        };
        return new CompactionRequest(
            arguments.GetValueOrDefault("cluster", Some.Cluster),
            new CompactionScope(
                lists["databases"], lists["collections"], bool.Parse(arguments.GetValueOrDefault("documents", "true")),
                indexes, lists["nodes"], lists["sets"]),
            CompactionOptions.Default with
            {
                Mode = arguments.GetValueOrDefault("mode", ""),
                Force = arguments.ContainsKey("force"),
                GiveBackPrimary = arguments.ContainsKey("giveback"),
                MinReclaimableBytes = Bytes(arguments.GetValueOrDefault("minbytes", "0")),
                MinFragmentation = double.Parse(arguments.GetValueOrDefault("minshare", "0"), CultureInfo.InvariantCulture),
                MaxBytesPerSecond = Bytes(arguments.GetValueOrDefault("rate", "0")),
                EngineOptions = Options(arguments.GetValueOrDefault("options", "")),
                IncludeLearners = arguments.ContainsKey("learners"),
                Verify = arguments.ContainsKey("verify"),
                MaxParallelReplicaSets = int.Parse(arguments.GetValueOrDefault("parallel", "1"), CultureInfo.InvariantCulture),
            });
    }

    /// <summary><c>a:true;b:7</c>.</summary>
    private static OptionValues Options(string text) => text
        .Split(';', StringSplitOptions.RemoveEmptyEntries)
        .Select(pair => pair.Split(':', 2))
        .Aggregate(OptionValues.None, (options, pair) => options.With(pair[0], OptionValue.From(JsonElement.Parse(pair[1]))!));

    private static string Print(PlanResult result)
    {
        var text = new StringBuilder();
        switch (result)
        {
            case PlanResult.Refused refused:
                foreach (var problem in refused.Problems)
                {
                    text.Append(CultureInfo.InvariantCulture, $"{problem.Code} {problem.Subject}: {problem.Message}\n");
                }

                break;
            case PlanResult.Planned planned:
                foreach (var set in planned.Plan.ReplicaSets)
                {
                    Print(text, set);
                }

                text.Append(CultureInfo.InvariantCulture, $"frees {ByteText.Of(planned.Plan.BytesFreed)}\n");
                break;
        }

        return text.ToString();
    }

    private static void Print(StringBuilder text, ReplicaSetPlan set)
    {
        text.Append(CultureInfo.InvariantCulture, $"{set.ReplicaSet} primary={set.Primary}\n");
        foreach (var step in set.Steps)
        {
            text.Append(CultureInfo.InvariantCulture, $"  {step.Number}. {(step is StepDownStep ? "step-down" : "compact")} {step.Node}: {step.Reason}\n");
            if (step is StepDownStep stepDown)
            {
                text.Append(CultureInfo.InvariantCulture, $"     to {string.Join(", ", stepDown.Candidates)}\n");
            }
            else if (step is CompactMemberStep compact)
            {
                var units = compact.Units.Select(unit => $"{unit.Size.Unit} ({ByteText.Of(unit.BytesFreed)})");
                text.Append(CultureInfo.InvariantCulture, $"     {string.Join(", ", units)}\n");
            }
        }

        foreach (var skipped in set.Skipped)
        {
            text.Append(CultureInfo.InvariantCulture, $"  skips {skipped.Node} {skipped.Path}: {skipped.Reason}\n");
        }

        foreach (var check in set.Unanswered)
        {
            text.Append(CultureInfo.InvariantCulture, $"  cannot check {check.Check}: {check.Message}\n");
        }
    }
}
