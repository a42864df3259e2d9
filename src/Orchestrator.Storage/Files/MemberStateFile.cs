using System.Text.Json;

namespace Orchestrator.Storage.Files;

/// <summary>
/// A small record that a member must never forget (promised term, highest epoch), as a JSON file. What
/// <see cref="Write"/> was given is on disk when it returns; a crash leaves the old record or the new one.
/// </summary>
/// <typeparam name="T">Any type that <see cref="JsonSerializer"/> can write and read back.</typeparam>
public sealed class MemberStateFile<T>
    where T : class
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };
    private readonly FileLayer files;

    /// <param name="path">The file; its directory is created when it is first written.</param>
    public MemberStateFile(string path)
        : this(path, FileLayer.System)
    {
    }

    internal MemberStateFile(string path, FileLayer files)
    {
        Path = System.IO.Path.GetFullPath(path);
        this.files = files;
    }

    public string Path { get; }

    /// <summary>The record last written, or null if there is none yet.</summary>
    /// <exception cref="CorruptFileException">The file is not such a record.</exception>
    public T? Read()
    {
        if (!files.Exists(Path))
        {
            return null;
        }

        try
        {
            return JsonSerializer.Deserialize<T>(files.ReadAll(Path), Json)
                ?? throw new CorruptFileException(Path, "it contains no record");
        }
        catch (JsonException e)
        {
            throw new CorruptFileException(Path, $"it {DocumentRules.DescribeJson(e)}", e);
        }
    }

    /// <summary>As <see cref="Read"/>, but a damaged file is kept under another name beside it, and counts as none.</summary>
    /// <param name="damaged">Why the file was no such record, and where it is now; null if it was none, or one.</param>
    public T? ReadOrPutAside(out string? damaged)
    {
        damaged = null;
        try
        {
            return Read();
        }
        catch (CorruptFileException e)
        {
            damaged = $"{e.Message}; it is kept as {PutAside()}";
            return null;
        }
    }

    /// <summary>Gives the file a name that no other has: <c>NAME.damaged-1</c> and so on.</summary>
    /// <returns>The new path.</returns>
    public string PutAside()
    {
        var number = 1;
        while (files.Exists($"{Path}.damaged-{number}"))
        {
            number++;
        }

        var aside = $"{Path}.damaged-{number}";
        files.Rename(Path, aside);
        files.SyncDirectory(System.IO.Path.GetDirectoryName(Path)!);
        return aside;
    }

    /// <summary>Replaces the record. One thread at a time.</summary>
    /// <exception cref="StorageException">The record is not safely on disk.</exception>
    public void Write(T record)
    {
        ArgumentNullException.ThrowIfNull(record);
        try
        {
            files.CreateDirectory(System.IO.Path.GetDirectoryName(Path)!);
            files.WriteDurably(Path, stream => JsonSerializer.Serialize(stream, record, Json));
        }
        catch (Exception e) when (FileErrors.IsOfFiles(e))
        {
            throw new StorageException($"{Path} cannot be written: {FileErrors.Say(e)}", e);
        }
    }
}
