package org.blktrack.track;

import java.util.List;
import org.blktrack.model.ChangeId;
import org.blktrack.model.SeriesId;
import org.blktrack.model.Trust;

/** A series that came to an end, kept so that whoever asks with one of its ids is told why. */
public record EndedSeries(SeriesId series, Trust trust, long endedMs, List<ChangeId> ids) {}
