using Orchestrator.Host.Cli;
using Orchestrator.Host.Composition;
using Orchestrator.Host.Configuration;

namespace Orchestrator.Host.Backups;

/// <summary>Which files of a process a backup or a restore is about.</summary>
/// <param name="Node">The member whose data directory it is; null: no data.</param>
/// <param name="JournalFile">The SQLite journal; empty: no journal.</param>
internal sealed record BackupParts(BackedUpNode? Node, string DataDirectory, string JournalFile)
{
    public const string Data = "data";
    public const string Journal = "journal";

    public IReadOnlyList<string> Names => [.. Node is null ? (string[])[] : [Data], .. JournalFile.Length > 0 ? (string[])[Journal] : []];

    /// <param name="only"><see cref="Data"/>, <see cref="Journal"/>, or null for what the configured process has.</param>
    /// <param name="remark">What is left out although the process has it, as a sentence; empty if nothing.</param>
    /// <exception cref="UsageException">The configuration is wrong, or the process has nothing of what is wanted.</exception>
    public static BackupParts Of(string configFile, string? only, out string remark)
    {
        OrchestratorSettings settings;
        try
        {
            settings = CheckedConfiguration.Load(configFile).Settings;
        }
        catch (SettingsException e)
        {
            throw new UsageException(e.Message);
        }

        var wantsData = settings.Roles.Node && only is null or Data;
        var wantsJournal = settings.Roles.Supervisor && only is null or Journal;
        if (only == Data && !settings.Roles.Node)
        {
            throw new UsageException($"{configFile} is for a process without the role node: it has no data directory.");
        }

        var isElsewhere = wantsJournal && settings.Journal.File.Length == 0;
        remark = isElsewhere ? "The journal is in a database of its own, which has its own tools (pg_dump, pg_restore): it is left out." : "";
        if (only == Journal && isElsewhere)
        {
            throw new UsageException($"{configFile} names a journal that is not a file. Use the tools of its database (pg_dump, pg_restore).");
        }

        var parts = new BackupParts(
            wantsData ? new BackedUpNode(settings.Node.Cluster, settings.Node.ReplicaSet, settings.Node.Node) : null,
            wantsData ? Path.GetFullPath(settings.Node.DataDirectory) : "",
            wantsJournal && !isElsewhere ? Path.GetFullPath(settings.Journal.File) : "");
        return parts.Names.Count > 0
            ? parts
            : throw new UsageException($"{configFile} names neither a data directory nor a journal file: a backup would be empty.");
    }
}
