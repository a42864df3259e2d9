namespace Akka.Persistence;

/// <summary>Comes to the recovery handler first, when there is a snapshot to start from.</summary>
public sealed class SnapshotOffer
{
    /// <summary>Creates the message.</summary>
    internal SnapshotOffer(SnapshotMetadata metadata, object snapshot)
    {
        Metadata = metadata;
        Snapshot = snapshot;
    }

    /// <summary>Which snapshot.</summary>
    public SnapshotMetadata Metadata { get; }

    /// <summary>The object that was saved.</summary>
    public object Snapshot { get; }

    /// <inheritdoc />
    public override string ToString() => $"SnapshotOffer<metadata: {Metadata}, snapshot: {Snapshot}>";
}

/// <summary>The snapshot is stored.</summary>
public sealed class SaveSnapshotSuccess
{
    /// <summary>Creates the message.</summary>
    internal SaveSnapshotSuccess(SnapshotMetadata metadata)
    {
        Metadata = metadata;
    }

    /// <summary>Which snapshot.</summary>
    public SnapshotMetadata Metadata { get; }

    /// <inheritdoc />
    public override string ToString() => $"SaveSnapshotSuccess<metadata: {Metadata}>";
}

/// <summary>The snapshot is not stored; the actor goes on without it.</summary>
public sealed class SaveSnapshotFailure
{
    /// <summary>Creates the message.</summary>
    internal SaveSnapshotFailure(SnapshotMetadata metadata, Exception cause)
    {
        Metadata = metadata;
        Cause = cause;
    }

    /// <summary>Which snapshot.</summary>
    public SnapshotMetadata Metadata { get; }

    /// <summary>Why.</summary>
    public Exception Cause { get; }

    /// <inheritdoc />
    public override string ToString() => $"SaveSnapshotFailure<metadata: {Metadata}, cause: {Cause}>";
}

/// <summary>The snapshot is gone.</summary>
public sealed class DeleteSnapshotSuccess
{
    /// <summary>Creates the message.</summary>
    internal DeleteSnapshotSuccess(SnapshotMetadata metadata)
    {
        Metadata = metadata;
    }

    /// <summary>Which snapshot.</summary>
    public SnapshotMetadata Metadata { get; }

    /// <inheritdoc />
    public override string ToString() => $"DeleteSnapshotSuccess<metadata: {Metadata}>";
}

/// <summary>The snapshot could not be deleted.</summary>
public sealed class DeleteSnapshotFailure
{
    /// <summary>Creates the message.</summary>
    internal DeleteSnapshotFailure(SnapshotMetadata metadata, Exception cause)
    {
        Metadata = metadata;
        Cause = cause;
    }

    /// <summary>Which snapshot.</summary>
    internal SnapshotMetadata Metadata { get; }

    /// <summary>Why.</summary>
    internal Exception Cause { get; }

    /// <inheritdoc />
    public override string ToString() => $"DeleteSnapshotFailure<metadata: {Metadata}, cause: {Cause}>";
}

/// <summary>The snapshots that meet the criteria are gone.</summary>
public sealed class DeleteSnapshotsSuccess
{
    /// <summary>Creates the message.</summary>
    internal DeleteSnapshotsSuccess(SnapshotSelectionCriteria criteria)
    {
        Criteria = criteria;
    }

    /// <summary>What was to be deleted.</summary>
    public SnapshotSelectionCriteria Criteria { get; }

    /// <inheritdoc />
    public override string ToString() => $"DeleteSnapshotsSuccess<criteria: {Criteria}>";
}

/// <summary>The snapshots that meet the criteria could not be deleted.</summary>
public sealed class DeleteSnapshotsFailure
{
    /// <summary>Creates the message.</summary>
    internal DeleteSnapshotsFailure(SnapshotSelectionCriteria criteria, Exception cause)
    {
        Criteria = criteria;
        Cause = cause;
    }

    /// <summary>What was to be deleted.</summary>
    internal SnapshotSelectionCriteria Criteria { get; }

    /// <summary>Why.</summary>
    public Exception Cause { get; }

    /// <inheritdoc />
    public override string ToString() => $"DeleteSnapshotsFailure<criteria: {Criteria}, cause: {Cause}>";
}
