using Orchestrator.Core;
using Orchestrator.Core.Engines;
using Orchestrator.Core.Topology;

namespace Orchestrator.Embedded;

/// <summary>The embedded engine: its nodes are processes of the orchestrator, and its replica sets are configured.</summary>
public sealed class EmbeddedProvider : IEngineProvider
{
    private const int MaxMembers = 99;

    public bool IsBuiltIn => true;

    public EngineDescription Description { get; } = new(
        "embedded",
        "Embedded database",
        "The replicated document database that comes with the orchestrator; nothing has to be installed.",
        EmbeddedCapabilities.Instance,
        [
            new("rewrite", "Writes each file anew beside the old one and swaps them.", "Reads, writes and replication go on; writes pause for milliseconds at the swap."),
            new("exclusive", "Writes each file anew with one VACUUM; the fastest.", "The database that is being compacted is offline; the others serve."),
            new("incremental", "Moves pages within the file in small slices, until little free space is left.", "Reads, writes and replication go on."),
            new("release", "Gives the blocks of free pages back to the file system; moves nothing, and files keep their length.", "Reads, writes and replication go on."),
        ],
        [
            "rewrite and exclusive need free disk space for one copy of the live data of the largest unit.",
            "release needs a file system on which holes can be punched in files (Linux: ext4, XFS, Btrfs, tmpfs).",
            "Over HTTP: the role operator. To the nodes: the cluster secret, where callers must log in.",
        ]);

    public IEngineOptions Read(string name, IEngineSettings cluster, IEngineSettings defaults)
    {
        var sets = cluster.Section("replica-sets");
        var definitions = sets.Keys().Select(set => ReadReplicaSet(sets, set)).ToList();
        if (definitions.Count == 0)
        {
            cluster.Fail("replica-sets", "expected at least one replica set, as in replica-sets.rs-1.members = [node-1, node-2, node-3]", 0);
        }

        var twice = definitions.SelectMany(set => set.Members).GroupBy(member => member, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1);
        if (twice is not null)
        {
            cluster.Fail("replica-sets", $"expected each node in one replica set, found \"{twice.Key}\" in {twice.Count()}", 0);
        }

        return new EmbeddedClusterOptions(name, definitions);
    }

    private static ReplicaSetDefinition ReadReplicaSet(IEngineSettings sets, string name)
    {
        if (PlainName.Check(name) is { } problem)
        {
            sets.Fail(name, problem, 0);
        }

        var set = sets.Section(name);
        var members = set.TextList("members", PlainName.Check);
        if (members.Count > MaxMembers)
        {
            set.Fail("members", $"expected at most {MaxMembers} members, found {members.Count}", 0);
        }
        else if (members.Count == 0 && !set.HasErrorAt("members"))
        {
            set.Fail("members", "expected at least one member, found none", 0);
        }

        return new ReplicaSetDefinition(name, members);
    }

    private sealed record EmbeddedClusterOptions(string Name, IReadOnlyList<ReplicaSetDefinition> ReplicaSets) : IEngineOptions
    {
        public IEngineCluster? Create(EngineContext context) => null;
    }
}
