using Akka.Actor;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Topology;
using Orchestrator.Storage;
using Orchestrator.Storage.Feed;

namespace Orchestrator.Embedded.Nodes;

/// <summary>Names a collection.</summary>
internal sealed record CollectionName(string Database, string Collection)
{
    /// <summary>The collection that says which databases, collections and indexes exist.</summary>
    public static CollectionName Catalog { get; } = new("_system", "catalog");

    public override string ToString() => $"{Database}/{Collection}";
}

/// <summary>A message between the actors of one node; it never crosses the wire.</summary>
internal abstract record NodeInternal : INoSerializationVerificationNeeded;

/// <summary>
/// Asks the node, a database or a collection to end in an orderly way: it ends itself once all files below it are released, without
/// keeping a thread waiting. Who wants to know watches it.
/// </summary>
internal sealed record ReleaseFiles : NodeInternal
{
    public static ReleaseFiles Instance { get; } = new();
}

/// <summary>Tells a collection its duty. Answered with <see cref="DutyTaken"/> once nothing of the former duty is under way.</summary>
internal sealed record TakeDuty(CollectionDuty Duty) : NodeInternal;

/// <summary>The collection acts by the duty; its position was read after everything before had been done.</summary>
internal sealed record DutyTaken(CollectionReport Report) : NodeInternal;

/// <summary>Work off the mailbox has found that a file of the collection is damaged.</summary>
internal sealed record DamageFound(CorruptFileException Damage) : NodeInternal;

/// <summary>Where a collection stands; sent to the node after every change.</summary>
/// <param name="Number">Rises with every report, also over restarts of the actor: reports reach the node on more than one way.</param>
/// <param name="Condition">What it means for the node's state.</param>
/// <param name="Reason">Why, for the operator; empty when it is ready.</param>
/// <param name="Lag">Changes that the primary has and this member has not, as far as is known.</param>
/// <param name="CaughtUp">Whether it has everything that the primary has, and hears from it.</param>
/// <param name="Complete">False while it lacks documents that its position says are there, after a roll-back: it cannot vouch for the position.</param>
/// <param name="CaughtUpAt">When it last had everything that the primary had.</param>
internal sealed record CollectionReport(
    CollectionName Name,
    long Number,
    Orchestrator.Storage.Feed.FeedPosition Position,
    CollectionCondition Condition,
    string Reason,
    long Lag,
    bool CaughtUp,
    bool Complete,
    DateTimeOffset CaughtUpAt) : NodeInternal
{
    /// <summary>Which collection of its name this one is.</summary>
    public int Incarnation { get; init; } = 1;

    /// <summary>What an operator must learn even if it is mended by itself: changes were lost here, or histories differ. Else empty.</summary>
    public string Alarm { get; init; } = "";

    /// <summary>Its files have less than this member has confirmed: its position is no word on what it may have.</summary>
    public bool Lost { get; init; }
}

/// <summary>What a collection can do.</summary>
internal enum CollectionCondition
{
    Opening,
    Recovering,
    Ready,
    Failed,
}

/// <summary>A member has changes of the term in which this one leads that this one has not.</summary>
/// <param name="Cause">As a clause about this member.</param>
internal sealed record PrimaryLacksChanges(CollectionName Name, long Term, string Cause) : NodeInternal;

/// <summary>The reports of collections that came before this have been noted: the member may have caught up.</summary>
internal sealed record ReportsNoted : NodeInternal;

/// <summary>A member showed that it follows this primary's term; or, to a secondary, the primary answered in it.</summary>
internal sealed record MemberContacted(string Node, long Term) : NodeInternal;

/// <summary>Asks the catalog for everything in it. Answered with <see cref="CatalogRead"/>.</summary>
internal sealed record ReadCatalog : NodeInternal;

/// <summary>All live documents of the catalog, or why they cannot be read.</summary>
internal sealed record CatalogRead(IReadOnlyList<StoredDocument> Documents, string Failure) : NodeInternal
{
    /// <summary>The catalog's position before they were read.</summary>
    public Orchestrator.Storage.Feed.FeedPosition Position { get; init; } = Orchestrator.Storage.Feed.FeedPosition.Empty;
}

/// <summary>Sent to a database: the collection shall exist with these settings.</summary>
/// <param name="Confirmed">The last position that this member has vouched for before it was started.</param>
/// <param name="Incarnation">Which collection of its name it is.</param>
internal sealed record EnsureCollection(
    CollectionName Name, CollectionSettings Settings, Orchestrator.Storage.Feed.FeedPosition Confirmed, int Incarnation) : NodeInternal;

/// <summary>Sent to a database: so many collections of a name were dropped, for good; what is left of their files is to be removed.</summary>
internal sealed record RemoveDropped(CollectionName Name, int Times) : NodeInternal;

/// <summary>Sent to a database: the catalog no longer names the collection. Its files stay; nothing answers for them any more.</summary>
internal sealed record ForgetCollection(CollectionName Name) : NodeInternal;

/// <summary>A collection's files are open; it waits for its duty and its present settings.</summary>
internal sealed record CollectionOpened(CollectionName Name) : NodeInternal;

/// <summary>What all collections of a database answered to <see cref="TakeDuty"/>.</summary>
internal sealed record DutiesTaken(IReadOnlyList<CollectionReport> Reports) : NodeInternal;

/// <summary>The units of all collections of a database.</summary>
internal sealed record DatabaseUnits(IReadOnlyList<CollectionUnits> Collections) : NodeInternal;

/// <summary>Sent to a collection: what the catalog says of it now.</summary>
internal sealed record ApplySettings(CollectionSettings Settings) : NodeInternal;

/// <summary>Asks a collection for its units. Answered with <see cref="CollectionUnits"/>.</summary>
/// <param name="Mode">The mode that is estimated.</param>
/// <param name="FreeSpaceTargetBytes">Free space that may stay in a file (mode <c>incremental</c>).</param>
internal sealed record EstimateUnits(string Mode, long FreeSpaceTargetBytes) : NodeInternal;

/// <summary>A collection's units with their estimates; none if it is not open.</summary>
internal sealed record CollectionUnits(CollectionName Name, IReadOnlyList<UnitEstimate> Units, string Failure) : NodeInternal;

/// <summary>
/// Compacts units of one collection together: its documents, or indexes of it, of which several are copied at the same time. Answered with
/// any number of <see cref="UnitProgressed"/>, then <see cref="UnitDone"/> or <see cref="UnitFailed"/>.
/// </summary>
/// <param name="Units">At least one.</param>
internal sealed record CompactUnit(CompactionTicket Ticket, IReadOnlyList<StorageUnit> Units, CompactionSettings Settings) : NodeInternal
{
    /// <summary>Names the units together in what is said about them.</summary>
    public StorageUnit Unit => Units[0];
}

/// <summary>Stops the compaction of a ticket at its next checkpoint; it answers its requester with <see cref="UnitFailed"/>.</summary>
internal sealed record CancelUnit(CompactionTicket Ticket, StorageUnit Unit) : NodeInternal;

/// <summary>Changes the copying rate of the compaction of a ticket while it runs.</summary>
/// <param name="MaxBytesPerSecond">0 is unlimited.</param>
internal sealed record ThrottleUnit(CompactionTicket Ticket, StorageUnit Unit, long MaxBytesPerSecond) : NodeInternal;

/// <param name="Unit">The first unit of the order.</param>
/// <param name="Progress">Of the units of the order: fraction, bytes, and units done.</param>
internal sealed record UnitProgressed(CompactionTicket Ticket, StorageUnit Unit, CompactionProgress Progress) : NodeInternal;

/// <param name="Results">In the order of the work.</param>
internal sealed record UnitDone(CompactionTicket Ticket, StorageUnit Unit, IReadOnlyList<UnitCompacted> Results) : NodeInternal;

/// <param name="Cancelled">Whether it only did what <see cref="CancelUnit"/> asked for.</param>
internal sealed record UnitFailed(CompactionTicket Ticket, StorageUnit Unit, string Reason, bool Cancelled = false) : NodeInternal
{
    /// <summary>Units that were compacted before.</summary>
    public IReadOnlyList<UnitCompacted> Done { get; init; } = [];
}

/// <summary>Asks a collection to check its files. Answered with <see cref="CollectionVerdict"/>.</summary>
internal sealed record VerifyCollection(CollectionName Name) : NodeInternal
{
    /// <summary>Through which the check is watched and ended; null for neither.</summary>
    public FileCheckWatch? Watch { get; init; }
}

/// <summary>
/// Asks a collection for digests or versions (<see cref="DigestRanges"/>, <see cref="ListVersions"/>). Answered as the command says.
/// </summary>
internal sealed record CompareCollection(CollectionName Name, INodeCommand Command) : NodeInternal;

/// <summary>How far a check is, written by the thread that reads; and the way to end it.</summary>
internal sealed class FileCheckWatch(CancellationToken cancellation)
{
    private volatile Look look = new("", 0, 0);

    public CancellationToken Cancellation => cancellation;

    public Look Latest => look;

    public void Note(string stage, long done, long total) => look = new Look(stage, done, total);

    /// <param name="Stage">What is looked at.</param>
    public sealed record Look(string Stage, long RowsDone, long RowsTotal);
}

/// <summary>Asks a collection to remove index files without a definition. Answered with <see cref="CollectionCleanedUp"/>.</summary>
/// <param name="PartialCopies">Also those that interrupted compactions left.</param>
internal sealed record CleanUpCollection(CollectionName Name, bool PartialCopies) : NodeInternal;

/// <param name="Files">Absolute paths.</param>
/// <param name="Failure">Why nothing was removed; else empty.</param>
internal sealed record CollectionCleanedUp(CollectionName Name, IReadOnlyList<string> Files, long Bytes, string Failure) : NodeInternal;

/// <summary>
/// Sent to a database: put the collection's files aside and begin with an empty copy. Answered with <see cref="ResyncOrdered"/>
/// when the order is on disk.
/// </summary>
internal sealed record OrderResync(CollectionName Name) : NodeInternal;

/// <param name="Failure">Why the order could not be stored; else empty.</param>
internal sealed record ResyncOrdered(CollectionName Name, string KeptIn, string Failure) : NodeInternal;
