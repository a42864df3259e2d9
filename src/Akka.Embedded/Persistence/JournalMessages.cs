namespace Akka.Persistence;

/// <summary>The events up to a sequence number are gone.</summary>
public sealed class DeleteMessagesSuccess
{
    /// <summary>Creates the message.</summary>
    internal DeleteMessagesSuccess(long toSequenceNr)
    {
        ToSequenceNr = toSequenceNr;
    }

    /// <summary>The last sequence number that was to be deleted.</summary>
    public long ToSequenceNr { get; }

    /// <inheritdoc />
    public override string ToString() => $"DeleteMessagesSuccess<toSequenceNr: {ToSequenceNr}>";
}

/// <summary>The events up to a sequence number could not be deleted.</summary>
public sealed class DeleteMessagesFailure
{
    /// <summary>Creates the message.</summary>
    internal DeleteMessagesFailure(Exception cause, long toSequenceNr)
    {
        Cause = cause;
        ToSequenceNr = toSequenceNr;
    }

    /// <summary>Why.</summary>
    public Exception Cause { get; }

    /// <summary>The last sequence number that was to be deleted.</summary>
    public long ToSequenceNr { get; }

    /// <inheritdoc />
    public override string ToString() => $"DeleteMessagesFailure<cause: {Cause}, toSequenceNr: {ToSequenceNr}>";
}
