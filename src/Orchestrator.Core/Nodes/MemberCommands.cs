using Orchestrator.Core.Topology;

namespace Orchestrator.Core.Nodes;

/// <summary>What a member's state machine is told.</summary>
public abstract record MemberCommand;

/// <summary>
/// A supervisor's command. Every <see cref="INodeCommand"/> goes through here first, for its epoch; those about terms,
/// writes and appointments are carried out here, the others are <see cref="MemberReply.Admitted"/>.
/// </summary>
public sealed record HandleNodeCommand(INodeCommand Command) : MemberCommand;

/// <summary>Looks whether it has caught up and whether stopped writes go on. Idempotent: sent on every tick and after applied changes.</summary>
public sealed record AssessMember : MemberCommand;

/// <summary>Another member spoke of a term; a primary of a lower one stops at once. Who is no member is not listened to.</summary>
public sealed record HearOfTerm(string Node, long Term) : MemberCommand;

/// <summary>The primary's files may lack changes of its own term: it must not go on as primary.</summary>
/// <param name="Cause">Why, as a clause about the member.</param>
public sealed record Resign(string Cause) : MemberCommand;

/// <summary>What a member knows when it decides.</summary>
/// <param name="Now">The node's clock.</param>
/// <param name="Positions">What it has on disk.</param>
public sealed record MemberEnvironment(DateTimeOffset Now, IReadOnlyList<FeedPosition> Positions)
{
    /// <summary>Which collections its catalog names.</summary>
    public NamedCollections Named { get; init; } = NamedCollections.Unknown;

    /// <summary>
    /// Collections that lack documents which their positions say are there (they were rolled back and have yet to fetch
    /// what the dropped changes had replaced), or changes that were confirmed before a restart. Positions vouch for nothing
    /// while there are any.
    /// </summary>
    public IReadOnlyList<string> Incomplete { get; init; } = [];
}

/// <summary>The collections that a member's catalog names.</summary>
/// <param name="AsOf">The catalog's position when it was read.</param>
public sealed record NamedCollections(FeedPosition AsOf, IReadOnlySet<(string Database, string Collection)> Names)
{
    /// <summary>The catalog has not been read yet; no position of a catalog is equal to this one.</summary>
    public static NamedCollections Unknown { get; } = new(
        new FeedPosition(FeedPosition.CatalogDatabase, FeedPosition.CatalogCollection, -1, -1), new HashSet<(string, string)>());
}

/// <summary>
/// Something to do once the durable events of a decision are on disk and applied, in the order given. Whom a member follows, what it serves and
/// whether it takes writes follows from its state, as <see cref="MemberServing"/> says for each.
/// </summary>
public abstract record MemberEffect;

/// <summary>
/// Tell that no more writes are taken. Those that wait for a majority go on waiting in a <see cref="HaltedMember"/>, which still serves
/// its feed; in every other state they are answered as not confirmed, since nothing is confirmed to it any more.
/// </summary>
public sealed record CloseWrites(string Reason) : MemberEffect;

/// <summary>
/// Answer <see cref="TermPromised"/>. The positions must be read now, after everything before has been done: a change
/// that is confirmed to the old primary after they were read could be lost.
/// </summary>
public sealed record AnswerPromise(long Term) : MemberEffect;

/// <summary>
/// Answer <see cref="WritesStopped"/>, with positions read after the last write that was under way; but not if writes have been
/// taken meanwhile (<see cref="MemberDecider.IsStillHalted"/>).
/// </summary>
public sealed record AnswerWritesStopped(long Term, long StepDown, DateTimeOffset Since) : MemberEffect;

/// <summary>The answer to a command.</summary>
public abstract record MemberReply
{
    private MemberReply()
    {
    }

    /// <summary>No answer, or one that an effect gives (<see cref="AnswerPromise"/>, <see cref="AnswerWritesStopped"/>).</summary>
    public sealed record None : MemberReply;

    /// <summary>The epoch is in order; the command is for others to carry out.</summary>
    public sealed record Admitted : MemberReply;

    public sealed record Resumed(WritesResumed Message) : MemberReply;

    public sealed record Followed(AppointmentFollowed Message) : MemberReply;

    public sealed record Refused(CommandRefused Message) : MemberReply;
}
