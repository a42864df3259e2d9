namespace Orchestrator.Storage.Indexes;

/// <summary>What an index must know of one row that was written.</summary>
/// <param name="RemovedSeq">Seq of the version that is gone; 0 = there was none.</param>
/// <param name="AddedSeq">Seq of the new live version; 0 = a tombstone.</param>
/// <param name="Body">Its body.</param>
internal readonly record struct RowReplacement(long RemovedSeq, long AddedSeq, ReadOnlyMemory<byte> Body);
