using System.Text.Json;
using System.Text.Json.Serialization;
using Orchestrator.Host.Cli;
using Orchestrator.Host.Formatting;
using Orchestrator.Storage.Backups;
using Orchestrator.Storage.Files;

namespace Orchestrator.Host.Backups;

/// <summary>What a backup holds: <c>backup.json</c> in its directory, written last. A directory without it is not a complete backup.</summary>
/// <param name="Format">Of the backup itself; see <see cref="NewestFormat"/>.</param>
/// <param name="Version">The build that made it.</param>
/// <param name="TakenAt">When it was begun.</param>
/// <param name="Node">Whose data directory it holds; null if it holds none.</param>
/// <param name="HasJournal">Whether it holds the journal.</param>
internal sealed record BackupManifest(int Format, string Version, DateTimeOffset TakenAt, BackedUpNode? Node, bool HasJournal, IReadOnlyList<BackedUpFile> Files)
{
    public const string FileName = "backup.json";
    public const string Data = "data";
    public const string Journal = "journal.sqlite";
    public const int NewestFormat = 1;

    /// <summary>Reads it and refuses what this build cannot restore. Only the files themselves remain to be checked.</summary>
    /// <exception cref="FileException">There is none, or it is damaged.</exception>
    /// <exception cref="RefusedException">It is of a later build.</exception>
    public static BackupManifest Read(string directory)
    {
        var path = Path.Combine(directory, FileName);
        BackupManifest manifest;
        try
        {
            manifest = JsonSerializer.Deserialize(File.ReadAllBytes(path), BackupJsonContext.Default.BackupManifest) ?? throw new JsonException();
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new FileException($"{directory} is not a complete backup: it has no {FileName}, which is written last.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new FileException($"{path} cannot be read: {FileProblem.Of(e, path)}.", e);
        }
        catch (JsonException e)
        {
            throw new FileException($"{path} is damaged: it is not what a backup writes. Use another backup.", e);
        }

        if (manifest.Format > NewestFormat)
        {
            throw new RefusedException($"{directory} is a backup of format {manifest.Format}, made by version {manifest.Version}; this build restores formats up to {NewestFormat}. Restore it with that version or a later one.");
        }

        if (manifest.Files.FirstOrDefault(file => file.Database > DatabaseFileCopy.NewestDocuments) is { } newer)
        {
            throw new RefusedException(
                $"{Path.Combine(directory, newer.Path)} has format version {newer.Database}, made by version {manifest.Version}; this build reads versions up to {DatabaseFileCopy.NewestDocuments}. Restore it with that version or a later one.");
        }

        if (manifest.Files.FirstOrDefault(file => !IsBelow(file.Path)) is { } outside)
        {
            throw new FileException($"{path} is damaged: it names the file '{Visible.Of(outside.Path)}', which is not one of a backup. Use another backup.");
        }

        return manifest;
    }

    public void Write(string directory)
    {
        new MemberStateFile<BackupManifest>(Path.Combine(directory, FileName)).Write(this);
    }

    /// <summary>A manifest that somebody has changed must not make a restore write elsewhere.</summary>
    private static bool IsBelow(string path) =>
        path == Journal || (path.StartsWith(Data + "/", StringComparison.Ordinal) && path.Split('/').All(part => part is not ("" or "." or "..")) && !path.Contains('\\', StringComparison.Ordinal));
}

/// <summary>The member that a data directory belongs to.</summary>
internal sealed record BackedUpNode(string Cluster, string ReplicaSet, string Name);

/// <param name="Path">Relative to the backup, with '/'.</param>
/// <param name="Sha256">Of its content, in small hexadecimal letters.</param>
/// <param name="Database">Format version of a collection's file; 0 for other files.</param>
internal sealed record BackedUpFile(string Path, long Bytes, string Sha256, long Database);

/// <param name="Directory">The backup.</param>
/// <param name="Parts">What was copied: data, journal, or both.</param>
/// <param name="Replaced">Where a restore has moved what was there before; empty if there was nothing.</param>
internal sealed record BackupResult(string Directory, IReadOnlyList<string> Parts, int Files, long Bytes, IReadOnlyList<string> Replaced);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(BackupManifest))]
[JsonSerializable(typeof(BackupResult))]
internal sealed partial class BackupJsonContext : JsonSerializerContext;
