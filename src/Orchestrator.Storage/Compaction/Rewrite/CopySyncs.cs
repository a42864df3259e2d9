namespace Orchestrator.Storage.Compaction.Rewrite;

/// <summary>
/// When the copy is made durable: not while it is written, as far as the machine's start can be told, but when the work is interrupted, and before
/// the swap. A copy that is not durable says so in its checkpoint, and is thrown away after the next start of the machine; the end of the
/// process alone takes nothing away of it.
/// </summary>
internal sealed class CopySyncs(RewriteCopy copy)
{
    private const string Off = "PRAGMA main.synchronous = OFF";
    private const string Full = "PRAGMA main.synchronous = FULL";

    // As CopyFile has it.
    private const string Normal = "PRAGMA main.synchronous = NORMAL";

    /// <summary>From here on syncs are left out. A copy that was durable says before that it is so no more.</summary>
    /// <param name="boot">Tells the machine's start; null where the system does not, and then nothing is left out.</param>
    public void WriteUnsynced(string? boot)
    {
        if (boot is null)
        {
            return;
        }

        if (copy.Checkpoint.Boot != boot)
        {
            WriteDurably(boot);
        }

        copy.Session.Execute(Off);
    }

    /// <summary>The work is interrupted: another start of the machine may come before it goes on.</summary>
    public void Sync()
    {
        if (copy.Checkpoint.Boot.Length == 0)
        {
            return;
        }

        // What is in a write-ahead log comes into the file; the commit below syncs the file with all that was written to it.
        copy.Session.Execute(Normal);
        copy.Session.Execute("PRAGMA main.journal_mode = TRUNCATE");
        WriteDurably("");
    }

    /// <summary>
    /// Everything so far, and in order from here on. Storing the checkpoint syncs the file at its commit, or if there is a write-ahead
    /// log already, when that is copied into the file.
    /// </summary>
    public void SyncForSwap()
    {
        copy.Session.Execute(Normal);
        copy.Change(checkpoint => checkpoint);
        CopyFile.PrepareForSwap(copy.Session);
    }

    private void WriteDurably(string boot)
    {
        copy.Session.Execute(Full);
        copy.Change(checkpoint => checkpoint with { Boot = boot });
    }
}
