//! Cut lines and areas at the lower edge of a plot, where its axis says that they come from below.

/// A place in a plot: from 0 to 1, left to right and bottom to top.
pub type Position = (f64, f64);

/// The pieces of a line that lie above the edge; each begins and ends where the line crosses it.
pub fn line(points: &[Position]) -> Vec<Vec<Position>> {
    let mut pieces = Vec::new();
    let mut piece = Vec::new();
    for (i, &point) in points.iter().enumerate() {
        let before = i.checked_sub(1).map(|i| points[i]);
        piece.extend(before.and_then(|before| crossing(before, point)));
        if is_inside(point) {
            piece.push(point);
        } else if !piece.is_empty() {
            pieces.push(std::mem::take(&mut piece));
        }
    }
    pieces.extend(Some(piece).filter(|piece| !piece.is_empty()));
    pieces
}

/// The corners of the part of an area that lies above the edge (Sutherland and Hodgman, 1974).
pub fn area(corners: &[Position]) -> Vec<Position> {
    let mut inside = Vec::with_capacity(corners.len());
    for (i, &corner) in corners.iter().enumerate() {
        let before = corners[(i + corners.len() - 1) % corners.len()];
        inside.extend(crossing(before, corner));
        inside.extend(Some(corner).filter(|corner| is_inside(*corner)));
    }
    inside
}

/// Whether a place lies in the plot.
pub fn is_inside((_, y): Position) -> bool {
    y >= 0.0
}

/// Where the line between two places crosses the edge.
fn crossing(a: Position, b: Position) -> Option<Position> {
    let share = a.1 / (a.1 - b.1);
    (is_inside(a) != is_inside(b)).then_some((a.0 + share * (b.0 - a.0), 0.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_cut_where_it_crosses_the_edge() {
        // down by 2 between 0 and 1: half of the way; up by 4 between 2 and 3: a quarter of it
        let points = [(0.0, 1.0), (1.0, -1.0), (2.0, -1.0), (3.0, 3.0), (4.0, 3.0)];
        let pieces = [vec![(0.0, 1.0), (0.5, 0.0)], vec![(2.25, 0.0), (3.0, 3.0), (4.0, 3.0)]];
        assert_eq!(line(&points), pieces);
        assert_eq!(line(&[(0.0, -1.0), (1.0, -2.0)]), Vec::<Vec<Position>>::new());
        assert_eq!(line(&[(0.0, 0.0)]), [[(0.0, 0.0)]]);
    }

    #[test]
    fn an_area_is_cut_at_the_edge() {
        let below = [(0.0, -2.0), (1.0, -2.0), (1.0, -1.0)];
        assert_eq!(area(&below), []);
        let triangle = [(0.0, -1.0), (2.0, -1.0), (2.0, 1.0)];
        assert_eq!(area(&triangle), [(1.0, 0.0), (2.0, 0.0), (2.0, 1.0)]);
    }
}
