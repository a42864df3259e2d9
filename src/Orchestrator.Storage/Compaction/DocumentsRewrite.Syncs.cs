namespace Orchestrator.Storage.Compaction;

/// <content>
/// When the copy is made durable: not while it is written, as far as the machine's start can be told, but when the work is interrupted, and before
/// the swap. A copy that is not durable says so in its checkpoint, and is thrown away after the next start of the machine; the end of the
/// process alone takes nothing away of it.
/// </content>
internal sealed partial class DocumentsRewrite
{
    private const string Off = "PRAGMA main.synchronous = OFF";
    private const string Full = "PRAGMA main.synchronous = FULL";

    // As CopyFile has it.
    private const string Normal = "PRAGMA main.synchronous = NORMAL";

    /// <summary>From here on syncs are left out. A copy that was durable says before that it is so no more.</summary>
    private void WriteUnsynced(string? boot)
    {
        if (boot is null)
        {
            return;
        }

        if (checkpoint.Boot != boot)
        {
            WriteDurably(checkpoint with { Boot = boot });
        }

        Session.Execute(Off);
    }

    /// <summary>The work is interrupted: another start of the machine may come before it goes on.</summary>
    private void Sync()
    {
        if (checkpoint.Boot.Length == 0)
        {
            return;
        }

        // What is in a write-ahead log comes into the file; the commit below syncs the file with all that was written to it.
        Session.Execute(Normal);
        Session.Execute("PRAGMA main.journal_mode = TRUNCATE");
        WriteDurably(checkpoint with { Boot = "" });
    }

    /// <summary>
    /// Everything so far, and in order from here on. Storing the checkpoint syncs the file at its commit, or if there is a write-ahead
    /// log already, when that is copied into the file.
    /// </summary>
    private void SyncForSwap()
    {
        Session.Execute(Normal);
        Session.InTransaction(write: false, () => checkpoint.Write(Session));
        CopyFile.PrepareForSwap(Session);
    }

    private void WriteDurably(Checkpoint next)
    {
        Session.Execute(Full);
        Session.InTransaction(write: false, () => next.Write(Session));
        checkpoint = next;
    }
}
