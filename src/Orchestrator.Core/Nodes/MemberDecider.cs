using Orchestrator.Core.Topology;

namespace Orchestrator.Core.Nodes;

/// <summary>The rules of a member: what it promises, whom it follows, whether it takes writes.</summary>
public static class MemberDecider
{
    /// <summary>The state after a start, from what is on disk.</summary>
    public static MemberState Start(string node, string replicaSet, MemberRecord record) => throw new NotSupportedException();

    /// <summary>What a command leads to. Changes nothing itself.</summary>
    public static Decision<MemberEvent, MemberEffect, MemberReply> Decide(
        MemberState state,
        MemberCommand command,
        MemberEnvironment environment) => throw new NotSupportedException();

    /// <summary>The state after an event.</summary>
    public static MemberState Apply(MemberState state, MemberEvent @event) => throw new NotSupportedException();

    /// <summary>Whether the member takes a write or a read as primary now.</summary>
    /// <param name="contacts">When each other member last showed that it follows this term.</param>
    /// <param name="lease">How long a primary goes on without contact to a majority.</param>
    public static WritePermission Writes(
        MemberState state,
        IReadOnlyDictionary<string, DateTimeOffset> contacts,
        DateTimeOffset now,
        TimeSpan lease) => throw new NotSupportedException();

    /// <summary>
    /// Whether this member may confirm to the primary of a term that it has changes on disk: only in the term that it
    /// follows, and not after it promised a higher one.
    /// </summary>
    public static bool ConfirmsTo(MemberState state, long term) => throw new NotSupportedException();
}

/// <summary>Whether a member takes writes.</summary>
public abstract record WritePermission
{
    private WritePermission()
    {
    }

    /// <summary>It does, and stamps them with <paramref name="Term"/>.</summary>
    public sealed record Granted(long Term) : WritePermission;

    /// <summary>Another member is primary; its address, empty when there is none.</summary>
    public sealed record Elsewhere(string Primary, string PrimaryAddress) : WritePermission;

    /// <summary>It is primary and does not take them now.</summary>
    public sealed record Withheld(string Reason) : WritePermission;
}
